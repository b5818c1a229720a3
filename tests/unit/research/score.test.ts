import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeAnswer, strip, words } from '../../../src/research/normalize.ts';
import { exactMatch, f1Score } from '../../../src/research/score.ts';

describe('normalizeAnswer', () => {
  it.each([
    ['The  Beatles!', 'beatles'],
    ['an Apple a day, the end.', 'apple day end'],
    ['Theatre of a nation', 'theatre of nation'],
    ['U.S.A.', 'usa'],
    ['a-b', 'ab'],
    // Letters of any script bound a word, so the "a" of "éa" is not an article.
    ['éa ça', 'éa ça'],
    ['a\u0085b\u2003c', 'b c'],
    ['¿Qué?', '¿qué'],
    ['', ''],
  ])('%j gives %j', (text, normalized) => {
    expect(normalizeAnswer(text)).toBe(normalized);
  });

  it('is a fixed point but for words that only punctuation held together', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('the', 'a', 'Roseau', 'é', '.', ' ', '\t', '\u3000')), (parts) => {
        const once = normalizeAnswer(parts.join(' '));
        expect(normalizeAnswer(once)).toBe(once);
      }),
    );
  });

  it('strips and splits as Python does', () => {
    expect(strip('\u001c x \u3000')).toBe('x');
    expect(strip('\ufeffx')).toBe('\ufeffx');
    expect(words(' a\u00a0 b ')).toEqual(['a', 'b']);
  });
});

describe('f1Score and exactMatch', () => {
  it.each<[string, string[], number, number]>([
    ['Roseau', ['Roseau'], 1, 1],
    ['the Roseau.', ['roseau'], 1, 1],
    ['Roseau Bay', ['Roseau'], 2 / 3, 0],
    ['x x y', ['x y y'], 2 / 3, 0],
    ['Paris', ['Roseau', 'Paris, France'], 2 / 3, 0],
    ['Paris', ['Roseau'], 0, 0],
    ['', ['Roseau'], 0, 0],
    ['yes', ['yes'], 1, 1],
    ['yes', ['yes it is'], 0, 0],
    ['no one', ['no'], 0, 0],
    ['noanswer', ['no answer'], 0, 0],
    ['no', ['no one', 'no'], 1, 1],
    ['Paris', [], 0, 0],
  ])('%j against %j: F1 %d, EM %d', (prediction, golds, f1, em) => {
    expect(f1Score(prediction, golds)).toBeCloseTo(f1, 12);
    expect(exactMatch(prediction, golds)).toBe(em);
  });

  it('is symmetric for one gold, within 0 … 1, and 1 for an exact match of any words', () => {
    const text = fc.array(fc.constantFrom('x', 'y', 'z', 'the', 'yes', 'no')).map((list) => list.join(' '));
    fc.assert(
      fc.property(text, text, (a, b) => {
        const f1 = f1Score(a, [b]);
        expect(f1).toBeCloseTo(f1Score(b, [a]), 12);
        expect(f1).toBeGreaterThanOrEqual(0);
        expect(f1).toBeLessThanOrEqual(1);
        if (exactMatch(a, [b]) === 1 && normalizeAnswer(a) !== '') expect(f1).toBe(1);
      }),
    );
  });
});
