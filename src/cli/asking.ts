import type { Backend } from '../engine/backend.ts';
import type { Recipe } from '../lab/recipe.ts';
import type { Retriever } from '../retrieval/retriever.ts';
import { promptStyles, type PromptStyle } from '../text/chatTemplate.ts';
import { writeTraces } from '../traces/jsonl.ts';
import type { Trace } from '../traces/trace.ts';
import type { World } from '../world/types.ts';
import { UsageError, type Args, type Option } from './args.ts';
import { backendOptions, openBackend } from './backend.ts';
import { modelOptions, openRetrieval, retrievalOptions } from './models.ts';
import { say, version, writeJson, writeOut } from './output.ts';
import { worldOptions, type OpenedWorld } from './worldOf.ts';

/** Options of the commands that ask a policy questions over a world: `evaluate` and `rollout`. */
export const askingOptions: Readonly<Record<string, Option>> = {
  ...backendOptions,
  ...retrievalOptions,
  ...worldOptions,
  ...modelOptions,
  prompt: {
    value: promptStyles.join('|'),
    help: 'how a chat model is asked, as rollout.prompt (default system)',
  },
  traces: { value: 'FILE', help: 'write every transcript as JSON lines' },
};

/** How a chat model is to be asked. */
export function promptOf(args: Args): PromptStyle {
  const name = args.text('prompt') ?? 'system';
  const style = promptStyles.find((one) => one === name);
  if (style === undefined) throw new UsageError(`--prompt ${name}: choose ${promptStyles.join(' or ')}`);
  return style;
}

/** What is open while a command asks. */
export interface Asking {
  readonly backend: Backend;
  /** Model folder, or GGUF file. */
  readonly folder: string;
  readonly world: World;
  readonly retriever: Retriever;
  /** What searches, for people. */
  readonly found: string;
  readonly recipe: Recipe;
  readonly began: number;
}

/** Opens backend and retriever over a world, and says what they are. */
export async function beginAsking(args: Args, { world, recipe }: OpenedWorld): Promise<Asking> {
  const began = performance.now();
  const backend = await openBackend(args);
  const retrieval = await openRetrieval(args);
  const retriever = await retrieval.retrieverOf(world.passages);
  const found = world.passages.length === 0 ? retriever.label : retrieval.label;
  say(
    `${backend.label}; ${found}; ${world.name}: ${String(world.passages.length)} passages, ${String(world.questions.length)} questions`,
  );
  const folder = args.text('model') ?? 'public/models/nano';
  return { backend, folder, world, retriever, found, recipe, began };
}

/** Writes the transcripts where they are wanted, and gives the backend back. */
export async function endAsking({ backend }: Asking, args: Args, traces: readonly Trace[]): Promise<void> {
  const file = args.text('traces');
  if (file !== undefined) await writeOut(file, writeTraces(traces));
  backend.dispose();
}

/** Writes the command's one JSON document: what every command tells of its run, and `told`. */
export async function writeAsked(
  { recipe, backend, began }: Asking,
  args: Args,
  told: Readonly<Record<string, unknown>>,
  seed: number,
): Promise<void> {
  await writeJson(args.text('json'), {
    recipe,
    seed,
    backend: backend.label,
    version: await version(),
    seconds: (performance.now() - began) / 1000,
    ...told,
  });
}
