import type { SamplingOptions } from '../../../src/engine/backend.ts';
import { counterBits, counterUniform } from '../../../src/engine/random.ts';
import { at } from '../reference/arrays.ts';
import { sampleRow, type Draw } from '../reference/sampling.ts';
import { expectClose, kernelCase, type Kit, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

type Key = readonly [seed: number, rollout: number, position: number];

interface Sampled {
  readonly ids: Int32Array;
  readonly logprob: Float32Array;
  readonly entropy: Float32Array;
}

const PLAIN: SamplingOptions = { temperature: 1, topK: 0, topP: 1 };

/** Counters as they occur, and extreme 32-bit ones: every bit of a key counts. */
function someKeys(numbers: Numbers, count: number): Key[] {
  const extreme: Key[] = [
    [0, 0, 0],
    [-1, -1, -1],
    [-2147483648, 2147483647, 1],
    [2147483647, 0, -2147483648],
  ];
  const word = () => Math.floor(numbers.uniform() * 4294967296) | 0;
  return Array.from({ length: count }, (_, n) => extreme[n] ?? [word(), n, n % 2 === 0 ? n * 3 : word()]);
}

async function draw(
  kit: Kit,
  logits: Float64Array,
  keys: readonly Key[],
  V: number,
  options: SamplingOptions,
): Promise<Sampled> {
  const N = keys.length;
  const ids = kit.output(N, 'i32');
  const logprob = kit.output(N);
  const entropy = kit.output(N);
  kit.backend.sample(kit.f32(logits), kit.i32(keys.flat()), ids, logprob, entropy, N, V, options);
  return {
    ids: await kit.backend.readI32(ids),
    logprob: await kit.read(logprob),
    entropy: await kit.read(entropy),
  };
}

/**
 * Ids equal the twin's, but where the uniform number is within 1e-5 of a step of the CDF, where a float32 sum may
 * choose the neighbour; those must stay rare. Logprob and entropy are those of the id that was drawn.
 */
function expectDraws(
  got: Sampled,
  want: readonly Draw[],
  logits: Float64Array,
  V: number,
  temperature: number,
): void {
  let ties = 0;
  want.forEach((row, n) => {
    const id = at(got.ids, n);
    if (id === row.id) return;
    if (row.margin > 1e-5) {
      throw new Error(`row ${n}: drew ${id}, the twin ${row.id} (margin ${row.margin.toExponential(1)})`);
    }
    if (at(row.kept, id) === 0) throw new Error(`row ${n}: drew ${id}, which top-k or top-p drops`);
    ties++;
  });
  if (ties > 1 + want.length / 50) throw new Error(`${ties} of ${want.length} draws differ from the twin`);
  const t = temperature === 0 ? 1 : temperature;
  const logprob = want.map((row, n) => row.logprob + (logit(n, at(got.ids, n)) - logit(n, row.id)) / t);
  function logit(n: number, id: number): number {
    return at(logits, n * V + id);
  }
  expectClose('logprob', got.logprob, logprob, { magnitude: 5 / t });
  expectClose(
    'entropy',
    got.entropy,
    want.map((row) => row.entropy),
    { magnitude: 5 / t },
  );
}

function parityCase(N: number, V: number, options: SamplingOptions): KernelCase {
  const { temperature, topK, topP } = options;
  const title = `sample N=${N} V=${V} temperature=${temperature} topK=${topK} topP=${topP}`;
  return kernelCase(title, async (kit) => {
    const numbers = new Numbers(N + V + topK);
    const logits = numbers.normal(N * V, 2);
    const keys = someKeys(numbers, N);
    const got = await draw(kit, logits, keys, V, options);
    const want = keys.map((key, n) => sampleRow(logits.slice(n * V, (n + 1) * V), key, options));
    expectDraws(got, want, logits, V, temperature);
  });
}

function greedyTiesCase(V: number): KernelCase {
  return kernelCase(`sample greedy takes the lowest id of equals, V=${V}`, async (kit) => {
    const N = 9;
    const logits = new Numbers(V).normal(N * V).map((z) => Math.min(z, 1));
    const want = Array.from({ length: N }, (_, n) => Math.floor((n * (V - 1)) / (N - 1)));
    want.forEach((first, n) => {
      for (const id of [first, first + 1, first + 17, V - 1]) {
        if (id >= first && id < V) logits[n * V + id] = 3;
      }
    });
    const keys = someKeys(new Numbers(1), N);
    const got = await draw(kit, logits, keys, V, { temperature: 0, topK: 0, topP: 1 });
    expectClose('ids', got.ids, want, { tolerance: 0 });
    const rows = keys.map((key, n) =>
      sampleRow(logits.slice(n * V, (n + 1) * V), key, { temperature: 0, topK: 0, topP: 1 }),
    );
    expectDraws(got, rows, logits, V, 0);
  });
}

/** Of equal tokens at the edge of top-k or top-p the lower ids are kept, and no more than are asked for. */
function tiesAtTheCutCase(options: SamplingOptions): KernelCase {
  return kernelCase(
    `sample keeps the lowest ids of equals, topK=${options.topK} topP=${options.topP}`,
    async (kit) => {
      const [N, V] = [40, 8];
      const row = Float64Array.of(0, 1, 0, 1, 1, 0, 1, 1);
      const logits = new Float64Array(N * V).map((_, i) => at(row, i % V));
      const keys = someKeys(new Numbers(2), N);
      const got = await draw(kit, logits, keys, V, options);
      const want = keys.map((key) => sampleRow(row, key, options));
      expectDraws(got, want, logits, V, options.temperature);
    },
  );
}

/** With 2^k equal logits every step of the CDF is exact in float32: the id is the top k bits of the counter. */
function counterCase(N: number, bits: number): KernelCase {
  return kernelCase(`sample draws the exact counter bits, the top ${bits} of ${N} keys`, async (kit) => {
    const V = 2 ** bits;
    const keys = someKeys(new Numbers(bits), N);
    const got = await draw(kit, new Float64Array(N * V).fill(0.5), keys, V, PLAIN);
    const want = keys.map(
      ([seed, rollout, position]) => counterBits(seed, rollout, position) >>> (32 - bits),
    );
    expectClose('ids', got.ids, want, { tolerance: 0 });
  });
}

/**
 * Chi-square of many draws from one distribution. The limit is the 99.99 % quantile (Wilson & Hilferty's
 * approximation); seeds are fixed, so the test never flickers.
 */
function frequencyCase(options: SamplingOptions): KernelCase {
  const { temperature, topK, topP } = options;
  const title = `sample frequencies temperature=${temperature} topK=${topK} topP=${topP}`;
  return kernelCase(title, async (kit) => {
    const [N, V] = [topK === 0 && topP === 1 ? 600 : 300, 11];
    const row = new Numbers(11).normal(V, 1.5);
    const logits = new Float64Array(N * V).map((_, i) => at(row, i % V));
    const keys = Array.from({ length: N }, (_, n): Key => [42, n >> 3, n & 7]);
    const { ids } = await draw(kit, logits, keys, V, options);
    const { kept } = sampleRow(row, [42, 0, 0], options);
    const counts = new Float64Array(V);
    for (const id of ids) counts[id] = at(counts, id) + 1;
    let chiSquare = 0;
    let cells = 0;
    for (let v = 0; v < V; v++) {
      const expected = N * at(kept, v);
      if (expected === 0) {
        if (at(counts, v) > 0) throw new Error(`drew ${v} ${at(counts, v)} times, which is dropped`);
        continue;
      }
      cells++;
      chiSquare += (at(counts, v) - expected) ** 2 / expected;
    }
    const df = cells - 1;
    const limit = df * (1 - 2 / (9 * df) + 3.719 * Math.sqrt(2 / (9 * df))) ** 3;
    if (!(chiSquare < limit)) {
      throw new Error(
        `chi-square ${chiSquare.toFixed(1)} over ${df} degrees of freedom (limit ${limit.toFixed(1)})`,
      );
    }
  });
}

/** A uniform number next to 1 may exceed a float32 CDF that ends below 1: the last kept token is meant. */
function endOfRangeCase(): KernelCase {
  return kernelCase('sample with a uniform number next to 1 stays within the kept tokens', async (kit) => {
    const V = 3001;
    const keys: Key[] = [];
    for (let position = 0; keys.length < 8 && position < 20_000_000; position++) {
      if (counterUniform(7, 1, position) > 0.999999) keys.push([7, 1, position]);
    }
    const row = new Numbers(V).normal(V, 0.1);
    row.fill(-50, 2990);
    const logits = new Float64Array(keys.length * V).map((_, i) => at(row, i % V));
    for (const options of [PLAIN, { ...PLAIN, topK: 100 }, { ...PLAIN, topP: 0.5 }]) {
      const { ids } = await draw(kit, logits, keys, V, options);
      const { kept } = sampleRow(row, at(keys, 0), options);
      ids.forEach((id, n) => {
        if (!(at(kept, id) > 0))
          throw new Error(`row ${n} of ${JSON.stringify(options)}: drew ${id}, dropped`);
        const after = kept.slice(id + 1).reduce((total, p) => total + p, 0);
        if (after > 1e-4) throw new Error(`row ${n}: drew ${id}, but mass ${after} lies behind it`);
      });
    }
  });
}

export const samplingCases: readonly KernelCase[] = [
  parityCase(1, 1, PLAIN),
  parityCase(33, 7, PLAIN),
  parityCase(65, 129, { ...PLAIN, temperature: 0.7 }),
  parityCase(5, 5003, PLAIN),
  parityCase(3, 40009, { ...PLAIN, temperature: 1.3 }),
  parityCase(17, 1025, { ...PLAIN, temperature: 0 }),
  parityCase(33, 129, { ...PLAIN, topK: 1 }),
  parityCase(33, 129, { ...PLAIN, topK: 5 }),
  parityCase(17, 1025, { temperature: 0.8, topK: 40, topP: 1 }),
  parityCase(5, 7, { ...PLAIN, topK: 7 }),
  parityCase(5, 7, { ...PLAIN, topK: 50 }),
  parityCase(33, 129, { ...PLAIN, topP: 0.9 }),
  parityCase(33, 129, { ...PLAIN, topP: 0.01 }),
  parityCase(17, 5003, { temperature: 1.2, topK: 0, topP: 0.95 }),
  parityCase(33, 257, { temperature: 0.9, topK: 20, topP: 0.8 }),
  parityCase(65, 129, { temperature: 1, topK: 8, topP: 0.3 }),
  tiesAtTheCutCase({ ...PLAIN, topK: 3 }),
  tiesAtTheCutCase({ ...PLAIN, topP: 0.5 }),
  greedyTiesCase(65),
  greedyTiesCase(1031),
  counterCase(300, 8),
  counterCase(12, 16),
  frequencyCase(PLAIN),
  frequencyCase({ temperature: 0.6, topK: 0, topP: 1 }),
  frequencyCase({ temperature: 1, topK: 4, topP: 1 }),
  frequencyCase({ temperature: 1, topK: 0, topP: 0.7 }),
  endOfRangeCase(),
];
