/** Compares tokens, logits and greedy texts with those that reference.py left in a folder. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Backend } from '../../src/engine/backend.ts';
import type { Decoder } from '../../src/engine/decoder.ts';
import type { WeightKind } from '../../src/engine/frozenWeights.ts';
import { Generator } from '../../src/engine/generation.ts';
import { Tape } from '../../src/engine/ops/tape.ts';
import { packSequences, uploadBatch } from '../../src/engine/packing.ts';
import { renderChat } from '../../src/text/jinjaTemplate.ts';
import { frozenDecoder, type OpenedFile } from './model.ts';

const ids = z.array(z.number());
const stringsSchema = z.array(z.object({ text: z.string(), ids }));
const promptSchema = z.object({ question: z.string(), ids, greedy: ids });

const MOST_KL = 1e-3;
const LEAST_AGREEMENT = 0.99;

const same = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();
const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

/** Prints what agrees. @returns whether all of it does */
export async function checkAgainst(
  backend: Backend,
  model: OpenedFile,
  kind: WeightKind,
  folder: string,
): Promise<boolean> {
  const { tokenizer } = model;
  const strings = stringsSchema.parse(await json(join(folder, 'strings.json')));
  const wrong = strings.filter(({ text, ids }) => !same(tokenizer.encode(text), ids));
  console.log(`token ids: ${strings.length - wrong.length} of ${strings.length} strings equal`);
  for (const { text } of wrong.slice(0, 3)) console.log(`  differs: ${JSON.stringify(text)}`);

  const { decoder, dispose } = frozenDecoder(backend, model, kind);
  const files = (await readdir(folder)).filter((name) => /^prompt-\d+\.json$/.test(name));
  const sums = { prompts: 0, templates: 0, greedy: 0, places: 0, top1: 0, kl: 0, mostKl: 0 };
  for (const file of files.sort((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b)))) {
    const prompt = promptSchema.parse(await json(join(folder, file)));
    const chat = renderChat(
      tokenizer.chatTemplate ?? '',
      [{ role: 'user', content: prompt.question }],
      tokenizer,
    );
    const template = same(tokenizer.encodeParts(chat), prompt.ids);
    const bytes = await readFile(join(folder, file.replace('.json', '.f32')));
    const theirs = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const ours = await logitsOf(decoder, [...prompt.ids, ...prompt.greedy.slice(0, -1)]);
    const found = compare(ours, theirs, decoder.config.vocabSize);
    const text = await greedy(decoder, prompt.ids, prompt.greedy.length);
    const equal = same(text, prompt.greedy);
    console.log(
      `${file.replace('.json', '')}: template ${template ? 'equal' : 'DIFFERS'}, top-1 ${found.top1} of ${found.places}, ` +
        `KL mean ${(found.kl / found.places).toExponential(1)} most ${found.mostKl.toExponential(1)}, ` +
        `${text.length} greedy tokens ${equal ? 'equal' : `equal up to ${text.findIndex((id, i) => id !== prompt.greedy[i])}`}`,
    );
    sums.prompts++;
    sums.templates += Number(template);
    sums.greedy += Number(equal);
    sums.places += found.places;
    sums.top1 += found.top1;
    sums.kl += found.kl;
    sums.mostKl = Math.max(sums.mostKl, found.mostKl);
  }
  dispose();
  const agreement = sums.top1 / sums.places;
  console.log(
    `all ${sums.prompts} prompts: templates ${sums.templates}, top-1 agreement ${(100 * agreement).toFixed(2)} % of ${sums.places} places, ` +
      `KL mean ${(sums.kl / sums.places).toExponential(2)}, most ${sums.mostKl.toExponential(2)}, greedy texts equal ${sums.greedy}`,
  );
  return (
    wrong.length === 0 &&
    sums.prompts > 0 &&
    sums.templates === sums.prompts &&
    sums.greedy === sums.prompts &&
    agreement >= LEAST_AGREEMENT &&
    sums.mostKl < MOST_KL
  );
}

/** [T·V] logits of every place. */
async function logitsOf(decoder: Decoder, sequence: readonly number[]): Promise<Float32Array> {
  const { backend } = decoder;
  const tape = new Tape(backend, 'infer');
  try {
    const batch = uploadBatch(tape, packSequences([sequence]));
    return await backend.readF32(decoder.logits(tape, decoder.forward(tape, batch), null).data);
  } finally {
    tape.release();
  }
}

function compare(ours: Float32Array, theirs: Float32Array, V: number) {
  if (ours.length !== theirs.length)
    throw new Error(`${ours.length} logits, the reference has ${theirs.length}`);
  const places = ours.length / V;
  let [top1, kl, mostKl] = [0, 0, 0];
  for (let t = 0; t < places; t++) {
    const [a, b] = [ours.subarray(t * V, (t + 1) * V), theirs.subarray(t * V, (t + 1) * V)];
    top1 += Number(argmax(a) === argmax(b));
    const [logZa, logZb] = [logSumExp(a), logSumExp(b)];
    let here = 0;
    for (let v = 0; v < V; v++) {
      const logP = (b[v] ?? 0) - logZb;
      here += Math.exp(logP) * (logP - ((a[v] ?? 0) - logZa));
    }
    kl += here;
    mostKl = Math.max(mostKl, here);
  }
  return { places, top1, kl, mostKl };
}

const argmax = (row: Float32Array): number =>
  row.reduce((best, x, i) => (x > (row[best] ?? 0) ? i : best), 0);

function logSumExp(row: Float32Array): number {
  const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0));
}

async function greedy(decoder: Decoder, prompt: readonly number[], count: number): Promise<number[]> {
  const generator = new Generator(decoder, { slots: 1, capacity: prompt.length + count + 1 });
  const drawn: number[] = [];
  try {
    generator.open({
      prompt,
      key: { seed: 0, rollout: 0 },
      sampling: { temperature: 0, topK: 0, topP: 1 },
      maxTokens: count,
    });
    while (generator.busy) for (const { token } of await generator.step()) drawn.push(token);
  } finally {
    generator.dispose();
  }
  return drawn;
}
