/**
 * Decoding: 64 rollouts of one prompt in one batch, beside the same one after another, transformers' `generate` on
 * the CPU and, for one sequence, llama.cpp in WebAssembly in one page with ours.
 */
import { z } from 'zod';
import type { Decoder } from '../../src/engine/decoder.ts';
import { Generator } from '../../src/engine/generation.ts';
import type { OpenOptions } from '../../src/engine/generationPlan.ts';
import { agreement, greedy } from '../greedy.ts';
import { measure, type Contender, type MeasureOptions } from '../measure.ts';
import { productLimit } from '../limits/productLimit.ts';
import { PythonPeer } from '../peers/pythonPeer.ts';
import { openBenchPolicy, prompts, THREADS, type BenchPolicy, type Prompt } from '../policy.ts';
import type { Row, Suite } from '../suite.ts';
import { decodeFlops } from '../work/decoderFlops.ts';
import { decodeInPage } from './decodeInPage.ts';

const ROWS = 64;
const TOKENS = 96;

/** The same draws whether together or alone: a row's key is its own. */
function request(prompt: readonly number[], rollout: number): OpenOptions {
  return {
    prompt,
    key: { seed: 1, rollout },
    sampling: { temperature: 1, topK: 0, topP: 1 },
    maxTokens: TOKENS,
  };
}

async function together(decoder: Decoder, prompt: readonly number[], rows: number): Promise<number[][]> {
  const generator = new Generator(decoder, { slots: rows, capacity: prompt.length + TOKENS });
  try {
    const first = generator.open(request(prompt, 0));
    const open = Array.from({ length: rows - 1 }, (_, i) =>
      generator.open({ ...request(prompt, i + 1), share: first }),
    );
    while (generator.busy) await generator.step();
    return [first, ...open].map((id) => generator.tokens(id).slice(prompt.length));
  } finally {
    generator.dispose();
  }
}

async function oneByOne(decoder: Decoder, prompt: readonly number[], rows: number): Promise<number[][]> {
  const generator = new Generator(decoder, { slots: 1, capacity: prompt.length + TOKENS });
  const out: number[][] = [];
  try {
    for (let rollout = 0; rollout < rows; rollout++) {
      const id = generator.open(request(prompt, rollout));
      while (generator.busy) await generator.step();
      out.push(generator.tokens(id).slice(prompt.length));
      generator.close(id);
    }
    return out;
  } finally {
    generator.dispose();
  }
}

/** Names of the contenders. */
const BATCH = 'batch';
const SERIAL = 'one by one';
const ONE = 'one';
const PEER_BATCH = 'transformers batch';
const PEER_ONE = 'transformers one';

const rowsReply = z.object({ rows: z.array(z.array(z.number())) });

function contenders({ decoder }: BenchPolicy, { ids }: Prompt, peer: PythonPeer | undefined): Contender[] {
  const list: Contender[] = [
    { name: BATCH, run: async () => void (await together(decoder, ids, ROWS)) },
    { name: SERIAL, run: async () => void (await oneByOne(decoder, ids, ROWS)) },
    { name: ONE, run: async () => void (await oneByOne(decoder, ids, 1)) },
  ];
  if (peer !== undefined) {
    const sample = (rows: number) => async (): Promise<void> =>
      void (await peer.ask({ op: 'sample', ids, rows, tokens: TOKENS }, rowsReply));
    list.push({ name: PEER_BATCH, run: sample(ROWS) }, { name: PEER_ONE, run: sample(1) });
  }
  return list;
}

/** Token ids and greedy continuation against transformers. @returns a note */
async function compared(peer: PythonPeer, { decoder }: BenchPolicy, { ids, text }: Prompt): Promise<string> {
  const encoded = await peer.ask({ op: 'encode', text }, z.object({ ids: z.array(z.number()) }));
  if (encoded.ids.join() !== ids.join()) throw new Error(`${peer.label} encodes ${text} otherwise`);
  const theirs = await peer.ask({ op: 'greedy', ids, rows: 1, tokens: TOKENS }, rowsReply);
  return agreement(await greedy(decoder, ids, TOKENS), theirs.rows[0] ?? []);
}

export const suite: Suite = {
  name: 'decode',
  help: `${ROWS} rollouts of one prompt, ${TOKENS} tokens each, beside one by one, transformers and llama.cpp`,
  async run({ say, quick }) {
    const policy = await openBenchPolicy('trained');
    const [prompt] = prompts(policy.tokenizer, 1);
    if (!prompt) throw new Error('a world without questions');
    const { decoder, backend } = policy;
    const alike =
      JSON.stringify(await together(decoder, prompt.ids, ROWS)) ===
      JSON.stringify(await oneByOne(decoder, prompt.ids, ROWS));
    if (!alike) throw new Error('the batch and the rollouts one by one wrote different tokens');

    const started = await PythonPeer.start('transformersGenerate.py', THREADS, `${policy.exported}/hf`);
    const peer = started instanceof PythonPeer ? started : undefined;
    const absent = 'absent' in started ? started.absent : undefined;
    const note = peer ? await compared(peer, policy, prompt) : `absent: ${absent ?? ''}`;
    const options: MeasureOptions = quick
      ? { warmups: 1, rounds: 1, seconds: 0 }
      : { warmups: 1, rounds: 5, seconds: 30 };
    say(`${backend.label}; ${peer?.label ?? `transformers absent: ${absent ?? ''}`}`);
    // Before and after, so that a load that comes or goes in between does not make the limit too low.
    const before = await productLimit(backend, peer);
    const times = await measure(contenders(policy, prompt, peer), options);
    const limit = await productLimit(backend, peer, before);
    peer?.close();

    const shape = (rows: number): string =>
      `${rows} × ${TOKENS} tokens after a prompt of ${prompt.ids.length}, ${backend.label}`;
    const row = (rows: number, ours: string, theirs: string, peerName: string, floor: number): Row => {
      const [seconds = NaN, other] = [times.get(ours), times.get(theirs)];
      const rate = (of: number): number => (rows * TOKENS) / of;
      return {
        suite: 'decode',
        case: shape(rows),
        ours: rate(seconds),
        peer: other === undefined ? null : rate(other),
        peerName,
        ratio: other === undefined ? null : other / seconds,
        unit: 'tokens/s',
        floor,
        ofLimit: decodeFlops(decoder.config, prompt.ids.length, rows, TOKENS) / seconds / limit.flops,
        note: theirs === SERIAL ? `the same tokens; ${limit.note}` : `${note}; ${limit.note}`,
      };
    };
    const peerName = peer?.label ?? 'transformers';
    const rows = [
      row(ROWS, BATCH, SERIAL, 'ours, one after another', 8),
      row(ROWS, BATCH, PEER_BATCH, peerName, 1.5),
      row(1, ONE, PEER_ONE, peerName, 4),
    ];
    for (const threads of new Set([THREADS, 1])) {
      rows.push(await decodeInPage(policy, prompt, { tokens: TOKENS, threads, quick, limit }));
    }
    await policy.close();
    return rows;
  },
};
