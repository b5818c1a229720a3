import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonPrefix, compareTraces } from '../../../src/traces/compare.ts';
import { lcsPairs } from '../../../src/traces/lcs.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { makeTrace } from '../app/traces.ts';

const traceOf = (texts: readonly string[], inserted: readonly number[] = []): Trace => {
  const trace = makeTrace({ parts: [['think', texts.length]] });
  const generated = texts.map((_, i) => !inserted.includes(i));
  return { ...trace, tokens: { ids: texts.map((_, i) => i), texts, generated } };
};

/** Length of a longest common subsequence by the plain table. */
function plainLength(a: readonly string[], b: readonly string[]): number {
  const table = a.map(() => b.map(() => 0));
  const at = (i: number, j: number): number => table[i]?.[j] ?? 0;
  for (const [i, x] of a.entries())
    for (const [j, y] of b.entries()) {
      const row = table[i];
      if (row !== undefined) row[j] = x === y ? at(i - 1, j - 1) + 1 : Math.max(at(i - 1, j), at(i, j - 1));
    }
  return at(a.length - 1, b.length - 1);
}

describe('lcsPairs', () => {
  it('is a common subsequence, and none is longer', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 24 });
    fc.assert(
      fc.property(words, words, (a, b) => {
        const pairs = lcsPairs(a, b);
        expect(pairs.every(([i, j]) => a[i] === b[j])).toBe(true);
        pairs.slice(1).forEach(([i, j], k) => {
          expect(i).toBeGreaterThan(pairs[k]?.[0] ?? i);
          expect(j).toBeGreaterThan(pairs[k]?.[1] ?? j);
        });
        expect(pairs).toHaveLength(plainLength(a, b));
      }),
    );
  });
});

describe('compareTraces', () => {
  it('finds where two rollouts part, and what they still share after it', () => {
    const a = traceOf(['<think>', ' that', ' is', ' the', ' film', '</think>', '<search>', ' Vel', 'de']);
    const b = traceOf(['<think>', ' that', ' is', ' a', ' book', '</think>', '<search>', ' Vel', 'ma']);
    const { common, left, right } = compareTraces(a, b);
    expect(common).toBe(3);
    // “Velde” and “Velma” begin with the same token and are not the same word.
    expect(left).toEqual([true, true, true, false, false, true, true, false, false]);
    expect(right).toEqual(left);
  });

  it('of equal rollouts is all the same; where one goes on, they part at the end of the other', () => {
    const a = traceOf(['<think>', ' x']);
    expect(compareTraces(a, a)).toEqual({ common: 2, left: [true, true], right: [true, true] });
    const longer = compareTraces(a, traceOf(['<think>', ' x', ' y']));
    expect(longer).toMatchObject({ common: 2, right: [true, true, false] });
  });

  it('parts where one wrote what the other was handed', () => {
    expect(commonPrefix(traceOf(['a', 'b']), traceOf(['a', 'b'], [1]))).toBe(1);
  });
});
