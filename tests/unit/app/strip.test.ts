import { describe, expect, it } from 'vitest';
import { stripParts, stripWords } from '../../../src/app/components/stripParts.ts';
import { verdict } from '../../../src/traces/verdict.ts';
import { markWords } from '../../../src/app/components/rollout/marks.ts';
import { tokenBackground, tokenProbability } from '../../../src/app/components/rollout/tokenMeasures.ts';
import { broken, makeTrace, partly, right, wrong } from './traces.ts';

const searching = [
  ['think', 4],
  ['search', 3],
  ['result', 9],
  ['answer', 2],
] as const;

describe('the strip of a rollout', () => {
  it('is as long as its tokens, whatever was done with them', () => {
    const parts = stripParts(makeTrace({ parts: [...searching, ['text', 1]], reward: right }));
    expect(parts.reduce((sum, part) => sum + part.tokens, 0)).toBe(19);
  });

  it('shows how the answer was judged', () => {
    const last = (reward: typeof right) => stripParts(makeTrace({ parts: searching, reward })).at(-1)?.kind;
    expect(last(right)).toBe('answer');
    expect(last(partly)).toBe('partly');
    expect(last(wrong)).toBe('wrong');
    expect(last(broken)).toBe('broken');
  });

  it('shows an answer nobody can judge as open', () => {
    expect(stripParts(makeTrace({ parts: searching })).at(-1)?.kind).toBe('open');
  });

  it('cannot judge an answer where no accepted one is known, but can judge the form', () => {
    const asked = { id: 'typed', text: 'Who?', golds: [] };
    const typed = (reward: typeof right) =>
      verdict({ ...makeTrace({ parts: searching, reward }), question: asked });
    expect(typed(wrong)).toBe('unscored');
    expect(typed(broken)).toBe('broken');
  });

  it('joins the token that ends a response to its answer', () => {
    const trace = makeTrace({ parts: [...searching, ['text', 1]], reward: right });
    const segments = trace.segments.map((s) => (s.kind === 'text' ? { ...s, text: '<|end|>' } : s));
    expect(stripParts({ ...trace, segments }).at(-1)).toEqual({ kind: 'answer', tokens: 3 });
  });

  it('shows a break without an answer at the last part that the policy wrote', () => {
    const parts = stripParts(
      makeTrace({
        parts: [
          ['think', 4],
          ['search', 3],
          ['result', 9],
        ],
        reward: broken,
      }),
    );
    expect(parts.map((part) => part.kind)).toEqual(['think', 'broken', 'result']);
  });

  it('says itself in words', () => {
    expect(stripWords(makeTrace({ parts: searching, reward: wrong }))).toBe(
      'thinks, searches, reads, answers wrong; 18 tokens',
    );
  });
});

describe('words marked in a passage', () => {
  const marked = (text: string, words: string) =>
    markWords(text, words)
      .filter((piece) => piece.marked)
      .map((piece) => piece.text);

  it('finds every place, in whatever case, and loses no letter', () => {
    const text = 'Lissen lies in Orvane; ORVANE is a country.';
    expect(marked(text, ' orvane ')).toEqual(['Orvane', 'ORVANE']);
    expect(
      markWords(text, 'orvane')
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });

  it('leaves a passage alone where there is nothing to mark', () => {
    expect(markWords('Lissen', '')).toEqual([{ text: 'Lissen', marked: false }]);
    expect(markWords('Lissen', undefined)).toEqual([{ text: 'Lissen', marked: false }]);
    expect(markWords('', 'Lissen')).toEqual([]);
  });
});

describe('token measures', () => {
  const base = makeTrace({
    parts: [
      ['think', 2],
      ['result', 1],
    ],
  });
  const trace = {
    ...base,
    advantage: -1.2,
    tokens: { ...base.tokens, logprobs: [Math.log(0.04), null, Math.log(0.5)] },
  };

  it('knows a chance only where the policy drew the token', () => {
    expect(tokenProbability(trace, 0)).toBeCloseTo(0.04);
    expect(tokenProbability(trace, 1)).toBeUndefined();
    expect(tokenProbability(trace, 2)).toBeUndefined();
  });

  it('colours surprise by itself and push by the sign of the advantage', () => {
    expect(tokenBackground(trace, 0, 'surprise')).toBe('var(--heat-3)');
    expect(tokenBackground(trace, 0, 'push')).toBe('var(--neg-2)');
    expect(tokenBackground({ ...trace, advantage: 1.2 }, 0, 'push')).toBe('var(--pos-2)');
    expect(tokenBackground(trace, 0, 'none')).toBeUndefined();
  });
});
