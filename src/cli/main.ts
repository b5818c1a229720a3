import { helpOf, UsageError, type Option } from './args.ts';
import { EngineError } from '../engine/backend.ts';
import { RecipeError } from '../lab/presets.ts';
import { evaluateOptions, runEvaluate } from './evaluate.ts';
import { exportOptions, runExport } from './export.ts';
import { pretrainOptions, runPretrain } from './pretrain.ts';
import { reproduceOptions, runReproduce } from './reproduce.ts';
import { rolloutOptions, runRollout } from './rollout.ts';
import { runTrain, trainOptions } from './train.ts';
import { say } from './output.ts';

interface Command {
  readonly summary: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly run: (argv: readonly string[]) => Promise<void>;
}

const commands: Readonly<Record<string, Command>> = {
  train: {
    summary: 'train the nano policy by GRPO, with an evaluation before and after',
    options: trainOptions,
    run: runTrain,
  },
  evaluate: {
    summary: 'the paper’s table: method by set, on the same questions',
    options: evaluateOptions,
    run: runEvaluate,
  },
  rollout: {
    summary: 'let one policy answer a question, and print what it wrote and found',
    options: rolloutOptions,
    run: runRollout,
  },
  pretrain: {
    summary: 'make the nano policy that GRPO starts from',
    options: pretrainOptions,
    run: runPretrain,
  },
  reproduce: {
    summary:
      'run the whole study and write docs/reproduction.md (may take an hour; goes on where it stopped)',
    options: reproduceOptions,
    run: runReproduce,
  },
  export: {
    summary: 'write a policy for transformers (a Hugging Face folder) or llama.cpp (GGUF)',
    options: exportOptions,
    run: runExport,
  },
};

function usage(): string {
  const list = Object.entries(commands).map(
    ([name, { summary, options }]) => `${name}: ${summary}\n${helpOf(options)}`,
  );
  return `npm run -s cli -- COMMAND [options]\n\n${list.join('\n\n')}`;
}

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command || rest.includes('--help')) {
    say(usage());
    if (!command && name !== undefined && name !== '--help') say(`\n${name}: there is no such command`);
    return command || name === undefined || name === '--help' ? 0 : 2;
  }
  try {
    await command.run(rest);
    return 0;
  } catch (error) {
    if (error instanceof UsageError || error instanceof EngineError || error instanceof RecipeError) {
      say(`${name ?? ''}: ${error.message}`);
      return 2;
    }
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
