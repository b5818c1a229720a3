import { describe, expect, it } from 'vitest';
import { stripParts, stripWords } from '../../../src/app/components/stripParts.ts';
import { verdict } from '../../../src/traces/verdict.ts';
import { takenBy, takenFrom, type Piece, type Taken } from '../../../src/app/components/rollout/marks.ts';
import {
  hasMeasure,
  measureOf,
  tokenHeat,
  tokenMeasures,
  tokenProbability,
} from '../../../src/app/components/rollout/tokenMeasures.ts';
import type { TokenColour } from '../../../src/app/store/appState.ts';
import type { Trace } from '../../../src/traces/trace.ts';
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

describe('what a rollout took from a passage', () => {
  const taken = (text: string, what: Taken, as: Piece['as']) =>
    takenFrom(text, what)
      .filter((piece) => piece.as === as)
      .map((piece) => piece.text);

  it('finds the answer at every place, in whatever case, and loses no letter', () => {
    const text = 'Lissen lies in Orvane; ORVANE is a country, Orvanea is not.';
    expect(taken(text, { answer: 'orvane', carried: [] }, 'answer')).toEqual(['Orvane', 'ORVANE']);
    const pieces = takenFrom(text, { answer: 'orvane', carried: ['lies'] });
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
  });

  it('tells words carried into a later search from those the question already had', () => {
    const base = makeTrace({
      parts: [
        ['search', 1],
        ['result', 1],
        ['search', 1],
        ['result', 1],
        ['answer', 1],
      ],
      reward: { ...right, answer: 'Lissen' },
    });
    const trace: Trace = {
      ...base,
      question: { id: 'q', text: 'Where was the author of Cholwis born?', golds: ['Lissen'] },
      searches: base.searches.map((search, i) => ({
        ...search,
        query: ['Cholwis author', 'Mara Tolven born'][i] ?? '',
      })),
    };
    const [first, second] = trace.searches;
    if (first === undefined || second === undefined) throw new Error('no searches');
    expect(takenBy(trace, first)).toEqual({ answer: 'Lissen', carried: ['Mara Tolven'] });
    expect(takenBy(trace, second)).toEqual({ answer: 'Lissen', carried: [] });
    const page = 'Cholwis is a book by Mara Tolven, born late.';
    expect(taken(page, takenBy(trace, first), 'carried')).toEqual(['Mara Tolven']);
  });

  it('leaves a passage alone where nothing was taken', () => {
    expect(takenFrom('Lissen', { carried: [] })).toEqual([{ text: 'Lissen', as: 'plain' }]);
    expect(takenFrom('', { answer: 'Lissen', carried: [] })).toEqual([]);
    const yes = makeTrace({
      parts: [
        ['search', 1],
        ['result', 1],
        ['answer', 1],
      ],
      reward: { ...right, answer: 'yes' },
    });
    expect(yes.searches.map((search) => takenBy(yes, search))).toEqual([{ carried: [] }]);
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

  it('has a measure or says that it has none', () => {
    const has = tokenMeasures.filter((measure) => hasMeasure(trace, measure)).map(({ value }) => value);
    expect(has).toEqual(['surprise', 'push']);
  });

  it('shades by size, and pushes by the sign of the advantage', () => {
    const heat = (colour: TokenColour, advantage = trace.advantage) =>
      tokenHeat({ ...trace, advantage }, 0, measureOf(colour));
    expect(heat('surprise')).toEqual({ shade: 3, way: 'none' });
    expect(heat('push')).toEqual({ shade: 3, way: 'less' });
    expect(heat('push', 0.6)).toEqual({ shade: 2, way: 'more' });
    expect(heat('push', 0.01)).toBeUndefined();
    expect(heat('kl')).toBeUndefined();
    expect(heat('none')).toBeUndefined();
    expect(tokenHeat(trace, 2, measureOf('surprise'))).toBeUndefined();
  });
});
