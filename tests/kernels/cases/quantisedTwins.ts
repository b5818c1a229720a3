import type { Backend } from '../../../src/engine/backend.ts';
import { packValues, quantKinds, unpackWords } from '../../../src/engine/quantised.ts';
import * as reference from '../reference/linear.ts';
import { expectClose, expectSameBits, Kit } from './kit.ts';
import { Numbers } from './numbers.ts';
import type { MakeWebgpu } from './webgpuTwins.ts';

/** The kernels that adapters may be given, and weights of several times what one binding may hold. */
const CHOICES = [
  { subgroups: false, kernelsFor: 'gpu' },
  { subgroups: true, kernelsFor: 'cpu' },
  { subgroups: false, kernelsFor: 'cpu' },
  { subgroups: false, kernelsFor: 'gpu', maxBindingBytes: 1 << 15 },
  { subgroups: true, kernelsFor: 'cpu', maxBindingBytes: 1 << 15 },
] as const;

/** Whatever unpacks a quantised weight gives the same bits. Throws an Error that says what differs. */
export async function checkQuantisedTwins(make: MakeWebgpu): Promise<void> {
  let plain: ReadonlyMap<string, Float32Array> | null = null;
  for (const options of CHOICES) {
    const backend = await make(options);
    try {
      const results = await quantisedProducts(backend);
      plain ??= results;
      for (const [name, want] of plain) {
        const what = `${name} with ${JSON.stringify(options)}`;
        const got = results.get(name) ?? new Float32Array();
        // Sums over the rows of a weight are added up part by part; of the head's numbers only products are bound to bits.
        if (name.includes('dx') || name.includes('head')) expectClose(what, got, want);
        else expectSameBits(what, got, want);
      }
    } finally {
      backend.dispose();
    }
  }
}

/** Few rows, one row and many, of a weight of 389 rows (of which no binding of 32 KiB holds all). */
async function quantisedProducts(backend: Backend): Promise<ReadonlyMap<string, Float32Array>> {
  const kernels = backend.quantised;
  if (kernels === undefined) throw new Error(`${backend.label} has no kernels for quantised weights`);
  const kit = new Kit(backend);
  const results = new Map<string, Float32Array>();
  const [I, O] = [100, 389];
  for (const kind of quantKinds) {
    const numbers = new Numbers(11);
    const words = packValues(kind, Float32Array.from(numbers.normal(O * I, 0.3)), O, I);
    const twin = Float64Array.from(unpackWords(kind, words, O, I));
    const w = { kind, rows: O, cols: I, data: kit.i32(words) };
    for (const T of [1, 3, 17]) {
      const [x, dy] = [numbers.normal(T * I), numbers.normal(T * O)];
      const [y, dx, rows] = [kit.output(T * O), kit.output(T * I), kit.output(T * I)];
      const [logprob, entropy, lse] = [kit.output(T), kit.output(T), kit.output(T)];
      const ids = numbers.integers(T, O);
      kernels.linear(kit.f32(x), w, null, y, T);
      kernels.linearBackwardInput(kit.f32(dy), w, dx, T, false);
      kernels.embedding(kit.i32(ids), w, rows, T);
      kernels.head(kit.f32(x), w, kit.i32(ids), logprob, entropy, lse, T, 0.1);
      await kit.expectClose(`${kind} y`, y, reference.linear(x, twin, null, T, I, O));
      await kit.expectClose(`${kind} dx`, dx, reference.linearBackwardInput(dy, twin, T, I, O));
      const outputs = { y, dx, rows, head: logprob };
      for (const [name, buffer] of Object.entries(outputs)) {
        results.set(`${kind} ${name} of ${T} rows`, await kit.read(buffer));
      }
    }
  }
  await kit.verify();
  kit.release();
  return results;
}
