import type { Backend } from '../../../src/engine/backend.ts';
import { candidates, sizeClasses, type ChoiceKey } from '../../../src/engine/webgpu/matmulChoice.ts';
import type { MatmulVariant } from '../../../src/engine/webgpu/kernels/matmul.ts';
import * as reference from '../reference/linear.ts';
import { expectSameBits, Kit } from './kit.ts';
import { Numbers } from './numbers.ts';
import type { MakeWebgpu } from './webgpuTwins.ts';

/** Whichever kernels a timed run may choose on an adapter, products have the same bits. */
export async function checkChoices(make: MakeWebgpu): Promise<void> {
  for (const kernelsFor of ['gpu', 'cpu'] as const) {
    let first: Float32Array[] | null = null;
    for (let choice = 0; choice < 5; choice++) {
      const matmul = tableOf(choice, kernelsFor === 'cpu');
      const backend = await make({ kernelsFor, matmul });
      try {
        const got = await products(backend);
        first ??= got;
        first.forEach((want, i) => {
          expectSameBits(
            `product ${i} with choice ${choice} for ${kernelsFor}`,
            got[i] ?? new Float32Array(),
            want,
          );
        });
      } finally {
        backend.dispose();
      }
    }
  }
}

/** The `choice`th candidate of every class, or its last. */
function tableOf(choice: number, software: boolean): Partial<Record<ChoiceKey, MatmulVariant>> {
  const table: Partial<Record<ChoiceKey, MatmulVariant>> = {};
  for (const layout of ['NT', 'NN', 'TN'] as const) {
    for (const size of sizeClasses) {
      const all = candidates(layout, size, { software, quads: true });
      const variant = all[Math.min(choice, all.length - 1)];
      if (variant) table[`${layout} ${size}`] = variant;
    }
  }
  return table;
}

/** Of few rows, some and many; sums of several chunks; gradients added to what is there. */
async function products(backend: Backend): Promise<Float32Array[]> {
  const kit = new Kit(backend);
  const results: Float32Array[] = [];
  for (const [T, I, O] of [
    [5, 150, 37],
    [41, 137, 13],
    [140, 132, 270],
  ] as const) {
    const numbers = new Numbers(T);
    const [x, w, dy] = [numbers.normal(T * I), numbers.normal(O * I), numbers.normal(T * O)];
    const [xs, ws, dys] = [kit.f32(x), kit.f32(w), kit.f32(dy)];
    const [y, dx, dw] = [kit.output(T * O), kit.state(x), kit.state(w)];
    backend.linear(xs, ws, null, y, T, I, O);
    backend.linearBackwardInput(dys, ws, dx, T, I, O, true);
    backend.linearBackwardWeight(dys, xs, dw, T, I, O);
    await kit.expectClose('y', y, reference.linear(x, w, null, T, I, O));
    for (const buffer of [y, dx, dw]) results.push(await kit.read(buffer));
  }
  await kit.verify();
  kit.release();
  return results;
}
