import * as reference from '../reference/embedding.ts';
import { kernelCase, plus, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

function embeddingCase(T: number, D: number, V: number): KernelCase {
  return kernelCase(`embedding and backward T=${T} D=${D} V=${V}`, async (kit) => {
    const numbers = new Numbers(T * D + V);
    const ids = numbers.integers(T, V);
    ids[0] = V - 1;
    const table = numbers.normal(V * D);
    const dy = numbers.normal(T * D);
    const initial = numbers.normal(V * D);
    const idBuffer = kit.i32(ids);
    const y = kit.output(T * D);
    const dTable = kit.state(initial);
    kit.backend.embedding(idBuffer, kit.f32(table), y, T, D);
    kit.backend.embeddingBackward(idBuffer, kit.f32(dy), dTable, T, D, V);
    await kit.expectClose('y', y, reference.embedding(ids, table, T, D), { tolerance: 0 });
    await kit.expectClose('dTable', dTable, plus(initial, reference.embeddingBackward(ids, dy, T, D, V)));
  });
}

/** Sizes where ids repeat often (T far above V), rarely, and a single token. */
export const embeddingCases: readonly KernelCase[] = [
  embeddingCase(1, 1, 1),
  embeddingCase(1, 33, 7),
  embeddingCase(7, 5, 33),
  embeddingCase(129, 64, 3),
  embeddingCase(65, 129, 17),
  embeddingCase(300, 8, 5),
];
