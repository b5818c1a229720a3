/**
 * One GRPO update, rollouts included, beside TRL's GRPOTrainer on the CPU: the same policy, questions, group size,
 * tokens and reward, no retrieval, no KL.
 */
import { z } from 'zod';
import type { Decoder } from '../../src/engine/decoder.ts';
import { Generator, type Drawn } from '../../src/engine/generation.ts';
import { TrainState } from '../../src/engine/trainState.ts';
import { grpoUpdate, type GrpoOptions } from '../../src/grpo/update.ts';
import { presets } from '../../src/lab/presets.ts';
import type { HfTokenizer } from '../../src/text/hfTokenizer.ts';
import { NANO_TOKENS } from '../../src/text/chatTemplate.ts';
import { TraceBuilder } from '../../src/traces/builder.ts';
import type { Trace } from '../../src/traces/trace.ts';
import { productLimit } from '../limits/productLimit.ts';
import { measure, median } from '../measure.ts';
import { PythonPeer } from '../peers/pythonPeer.ts';
import { openBenchPolicy, prompts, THREADS, type BenchPolicy, type Prompt } from '../policy.ts';
import type { Row, Suite } from '../suite.ts';
import { decodeFlops, forwardFlops } from '../work/decoderFlops.ts';

const QUESTIONS = 16;
const GROUP = 8;
/** New tokens of every rollout, on both sides. */
const TOKENS = 96;
/** Rows of one forward pass of TRL's. Its best steps with 16, 32, 64 and 128 differed by 6 % at most. */
const PEER_MICRO_BATCH = 16;

const { quick: recipe } = presets;
const OPTIONS: GrpoOptions = {
  ...recipe.grpo,
  warmupSteps: 0,
  temperature: 1,
  maxTokens: TOKENS,
  tokensPerBatch: recipe.backend.tokensPerBatch,
};

/** Share of different words among those written, added tokens left out: the same as trlStep.py pays. */
function variety(tokenizer: HfTokenizer, ids: readonly number[]): number {
  const text = tokenizer.decode(ids.filter((id) => id >= NANO_TOKENS.length));
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.length === 0 ? 0 : new Set(words).size / words.length;
}

/** Rollouts of `TOKENS` tokens of each question, as groups of rewarded traces. */
async function rollOutAll(
  decoder: Decoder,
  tokenizer: HfTokenizer,
  questions: readonly Prompt[],
  seed: number,
): Promise<Trace[][]> {
  const longest = Math.max(...questions.map(({ ids }) => ids.length));
  const generator = new Generator(decoder, { slots: QUESTIONS * GROUP, capacity: longest + TOKENS });
  try {
    const builders = new Map<number, TraceBuilder>();
    questions.forEach(({ question, ids, text }, group) => {
      let share: number | undefined;
      for (let rollout = 0; rollout < GROUP; rollout++) {
        const { id: name, text: asked, golds } = question;
        const id = generator.open({
          prompt: ids,
          key: { seed, rollout: group * GROUP + rollout },
          sampling: { temperature: 1, topK: 0, topP: 1 },
          maxTokens: TOKENS,
          ...(share === undefined ? {} : { share }),
        });
        share ??= id;
        const head = {
          id: `${group}.${rollout}`,
          question: { id: name, text: asked, golds },
          prompt: { text, ids },
          policy: 'bench',
          group,
          rollout,
        };
        builders.set(id, new TraceBuilder(head, (some) => tokenizer.tokenTexts(some)));
      }
    });
    while (generator.busy) {
      for (const drawn of await generator.step()) builders.get(drawn.sequence)?.write(written(drawn));
    }
    const traces = [...builders.values()].map((builder) =>
      rewarded(builder.snapshot('length', 0), tokenizer),
    );
    return questions.map((_, group) => traces.slice(group * GROUP, (group + 1) * GROUP));
  } finally {
    generator.dispose();
  }
}

const written = ({ token, logprob, entropy }: Drawn) => ({ id: token, logprob, entropy });

/** No branch of the paper's reward fits; the update reads the value alone. */
function rewarded(trace: Trace, tokenizer: HfTokenizer): Trace {
  const value = variety(tokenizer, trace.tokens.ids);
  return { ...trace, reward: { value, branch: 'wrong answer, good format', em: 0, f1: 0 } };
}

const stepReply = z.object({ reward: z.number(), tokens: z.number() });

/** Both sides read the same prompts and pay the same reward, or this throws. */
async function checkAlike(
  peer: PythonPeer,
  { tokenizer }: BenchPolicy,
  asked: readonly Prompt[],
): Promise<void> {
  for (const { ids, text } of asked) {
    const theirs = await peer.ask({ op: 'encode', text }, z.object({ ids: z.array(z.number()) }));
    if (theirs.ids.join() !== ids.join()) throw new Error(`${peer.label} encodes ${text} otherwise`);
  }
  const completions = asked.map(({ ids }) => [...ids, ...ids.slice(3, 9)]);
  const { rewards } = await peer.ask(
    { op: 'reward', completions },
    z.object({ rewards: z.array(z.number()) }),
  );
  completions.forEach((ids, i) => {
    const [ours, theirs] = [variety(tokenizer, ids), rewards[i] ?? NaN];
    if (Math.abs(ours - theirs) > 1e-12) throw new Error(`the reward is ${ours} here and ${theirs} there`);
  });
}

/** Operations of a step: rollouts, and a forward and a backward pass of twice its cost over all that was written. */
function stepFlops({ decoder: { config } }: BenchPolicy, asked: readonly Prompt[]): number {
  return asked.reduce((sum, { ids }) => {
    const tokens = GROUP * (ids.length + TOKENS - 1);
    const training = 3 * forwardFlops(config, tokens, GROUP * TOKENS, (ids.length + TOKENS) / 2);
    return sum + decodeFlops(config, ids.length, GROUP, TOKENS) + training;
  }, 0);
}

export const suite: Suite = {
  name: 'grpo-step',
  help: `an update over ${QUESTIONS} questions × ${GROUP} rollouts of ${TOKENS} tokens, beside TRL`,
  async run({ say, quick }) {
    const policy = await openBenchPolicy('base');
    const { backend, decoder, tokenizer } = policy;
    const asked = prompts(tokenizer, QUESTIONS);
    const settings = {
      prompts: asked.map(({ text }) => text),
      groupSize: GROUP,
      tokens: TOKENS,
      microBatch: PEER_MICRO_BATCH,
      learningRate: OPTIONS.learningRate,
      clipLow: OPTIONS.clipLow,
      clipHigh: OPTIONS.clipHigh,
    };
    const started = await PythonPeer.start(
      'trlStep.py',
      THREADS,
      `${policy.exported}/hf`,
      JSON.stringify(settings),
    );
    const peer = started instanceof PythonPeer ? started : undefined;
    if (peer) await checkAlike(peer, policy, asked);
    const absent = 'absent' in started ? started.absent : undefined;
    say(`${backend.label}; ${peer?.label ?? `TRL absent: ${absent ?? ''}`}`);

    const trainState = new TrainState(decoder.parameters);
    let step = 0;
    const rolling: number[] = [];
    const ours = async (): Promise<void> => {
      step++;
      const start = performance.now();
      const groups = await rollOutAll(decoder, tokenizer, asked, step);
      rolling.push((performance.now() - start) / 1000);
      await grpoUpdate({ decoder, trainState }, groups, step, OPTIONS);
    };
    const theirs = async (reader: PythonPeer): Promise<void> => {
      const { tokens } = await reader.ask({ op: 'step' }, stepReply);
      if (tokens !== TOKENS) throw new Error(`TRL wrote ${tokens} tokens a rollout, not ${TOKENS}`);
    };
    // Before and after, so that a load that comes or goes in between does not make the limit too low.
    const before = await productLimit(backend, peer);
    const times = await measure(
      [{ name: 'ours', run: ours }, ...(peer ? [{ name: 'trl', run: () => theirs(peer) }] : [])],
      quick ? { warmups: 1, rounds: 2, seconds: 0 } : { warmups: 2, rounds: 7, seconds: 30 },
    );
    const limit = await productLimit(backend, peer, before);
    peer?.close();
    const [seconds = NaN, other] = [times.get('ours'), times.get('trl')];
    const row: Row = {
      suite: 'grpo-step',
      case: `${QUESTIONS} questions × ${GROUP} rollouts, prompts of ${Math.min(...asked.map(({ ids }) => ids.length))} to ${Math.max(...asked.map(({ ids }) => ids.length))} and ${TOKENS} new tokens, ${backend.label}`,
      ours: seconds,
      peer: other ?? null,
      peerName: peer?.label ?? 'TRL',
      ratio: other === undefined ? null : other / seconds,
      unit: 's a step',
      floor: 1,
      ofLimit: stepFlops(policy, asked) / seconds / limit.flops,
      note: `${absent === undefined ? '' : `absent: ${absent}; `}of ours ${median(rolling).toFixed(2)} s are rollouts; ${limit.note}`,
    };
    trainState.dispose();
    await policy.close();
    return [row];
  },
};
