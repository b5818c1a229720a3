import { describe, expect, it } from 'vitest';
import { behaviourShares, behavioursOf, detectors } from '../../../src/traces/behaviours.ts';
import { findCorrections } from '../../../src/traces/behaviours/selfCorrection.ts';
import { behaviourNames, type Behaviour, type Trace } from '../../../src/traces/trace.ts';
import { watched, type Asked, type Page, type Part } from './watched.ts';

const FILM: Page = ['Cholwis (film)', 'Cholwis is a film by Dara Non.', false];
const BOOK: Page = ['Cholwis (book)', 'Cholwis is a book. It was written by Mara Tolven.', true];
const MARA: Page = ['Mara Tolven', 'Mara Tolven is a poet. She was born in Ketho.', true];

/** Where a behaviour shows in a rollout. */
const seen = (name: Behaviour, parts: readonly Part[], asked?: Asked): readonly number[] =>
  detectors[name].find(watched(parts, asked));

const BORN = { question: 'Where was the author of the book Cholwis born?', golds: ['Ketho'] };

const GOOD: readonly Part[] = [
  ['think', 'First the author.'],
  ['search', 'Cholwis'],
  ['result', FILM],
  ['think', 'I made a mistake. That is not the book.'],
  ['search', 'book Cholwis author'],
  ['result', BOOK],
  ['think', 'Next the birthplace.'],
  ['search', 'Mara Tolven'],
  ['result', MARA],
  ['answer', '\\boxed{ Ketho}'],
  ['text', '<|end|>'],
];

describe('behavioursOf', () => {
  it('names all that a rollout shows, skills first', () => {
    expect(behavioursOf(watched(GOOD, BORN))).toEqual(['self-correction', 'bridge found']);
    const bad: Part[] = [
      ['think', 'I will search.'],
      ['search', 'Where was the author of the book'],
      ['result', MARA],
      ['search', 'where was the author of the BOOK?'],
      ['result', MARA],
      ['answer', '\\boxed{ Cholwis}'],
    ];
    expect(behavioursOf(watched(bad, BORN))).toEqual([
      'redundant search',
      'query copy',
      'search after the answer',
      'ignored result',
      'unsupported answer',
      'empty thinking',
    ]);
    expect(behavioursOf(watched([['text', '<|end|>']]))).toEqual(['giving up']);
  });

  it('finds nothing in a rollout that has not begun', () => {
    expect(behavioursOf(watched([], { stop: 'aborted' }))).toEqual([]);
  });

  it('has words of its own for every behaviour', () => {
    for (const name of behaviourNames) {
      const { definition, lookFor } = detectors[name];
      expect(detectors[name].name).toBe(name);
      for (const words of [definition, lookFor]) expect(words).toMatch(/^[A-Z].{30,}\.$/);
    }
  });
});

describe('behaviourShares', () => {
  it('is the share of rollouts that show each', () => {
    const none = { ...watched([['answer', '\\boxed{x}']]), behaviours: [] } as unknown as Trace;
    const one = { ...none, behaviours: ['giving up'] } as unknown as Trace;
    expect(behaviourShares([none, one])).toMatchObject({ 'giving up': 0.5, 'query copy': 0 });
    expect(behaviourShares([])['giving up']).toBe(0);
  });

  it('looks through traces that tell nothing of themselves', () => {
    expect(behaviourShares([watched([['text', 'x']]) as Trace])['giving up']).toBe(1);
  });
});

describe('self-correction', () => {
  const tail: Part[] = [
    ['search', 'Cholwis author'],
    ['result', FILM],
    ['think', 'That is not the one.'],
  ];

  it('is a doubt after a result, a new query, and a gold page not had before', () => {
    expect(seen('self-correction', GOOD)).toEqual([3, 4]);
    expect(seen('self-correction', [...tail, ['search', 'Cholwis book'], ['result', BOOK]])).toEqual([2, 3]);
  });

  it('is none where the new query brings no new gold page', () => {
    expect(seen('self-correction', [...tail, ['search', 'Cholwis work'], ['result', FILM]])).toEqual([]);
    const had: Part[] = [
      ['search', 'book'],
      ['result', BOOK],
      ['think', 'That is not the one.'],
      ['search', 'a book'],
      ['result', BOOK],
    ];
    expect(seen('self-correction', had)).toEqual([]);
  });

  it('counts a second try that does', () => {
    const parts: Part[] = [...tail, ['search', 'b'], ['result', FILM], ['think', 'I was wrong.']];
    expect(seen('self-correction', [...parts, ['search', 'c'], ['result', BOOK]])).toEqual([5, 6]);
    expect(
      findCorrections(watched([...parts, ['search', 'c'], ['result', BOOK]])).map((c) => c.recovered),
    ).toEqual([false, true]);
  });

  it('goes by doubt and new query alone where the gold pages are not known', () => {
    const page: Page = ['x', 'y'];
    const parts: Part[] = [
      ['search', 'a'],
      ['result', page],
      ['think', 'Let me try again.'],
    ];
    expect(seen('self-correction', [...parts, ['search', 'b'], ['result', page]])).toEqual([2, 3]);
    expect(findCorrections(watched([...parts, ['search', 'b'], ['result', page]]))[0]).not.toHaveProperty(
      'recovered',
    );
  });

  it('needs a result before the doubt, and a query in other words after it', () => {
    const before: Part[] = [
      ['think', 'I made a mistake.'],
      ['search', 'a'],
      ['result', BOOK],
    ];
    expect(seen('self-correction', before)).toEqual([]);
    expect(seen('self-correction', tail)).toEqual([]);
    for (const query of ['cholwis  AUTHOR?', '']) {
      expect(seen('self-correction', [...tail, ['search', query], ['result', BOOK]])).toEqual([]);
    }
  });

  it('needs the new query to have been asked', () => {
    expect(seen('self-correction', [...tail, ['search', 'Cholwis book', 'open']])).toEqual([]);
    const nowhere: Part[] = [['search', 'a'], ['result'], ['think', 'I was wrong.'], ['search', 'b', 'open']];
    expect(seen('self-correction', nowhere)).toEqual([]);
  });

  it('does not find a phrase inside other words, nor outside thinking', () => {
    const after = (doubt: Part): Part[] => [
      ['search', 'a'],
      ['result', FILM],
      doubt,
      ['search', 'b'],
      ['result', BOOK],
    ];
    expect(seen('self-correction', after(['think', 'Retry againlessly.']))).toEqual([]);
    expect(seen('self-correction', after(['text', 'wrong page']))).toEqual([]);
  });
});

describe('bridge found', () => {
  it('is a name read off a gold page, asked for, that brings the next', () => {
    expect(seen('bridge found', GOOD, BORN)).toEqual([7, 8]);
  });

  it('is found also where the query misspells the name and yet brings its page', () => {
    const misspelt: Part[] = [
      ['search', 'Cholwis'],
      ['result', BOOK],
      ['search', 'Mora Tolvan'],
      ['result', MARA],
    ];
    expect(seen('bridge found', misspelt, BORN)).toEqual([2, 3]);
  });

  it('is none where the name stands in the question, on another page, or leads nowhere', () => {
    const named = { ...BORN, question: 'Was Mara Tolven, author of Cholwis, born in Ketho?' };
    expect(seen('bridge found', GOOD, named)).toEqual([]);
    const offChain: Page = ['Cholwis (film)', FILM[1].replace('Dara Non', 'Mara Tolven'), false];
    const guessed: Part[] = [
      ['search', 'Cholwis'],
      ['result', offChain],
      ['search', 'Mara'],
      ['result', MARA],
    ];
    expect(seen('bridge found', guessed, BORN)).toEqual([]);
    expect(seen('bridge found', [...GOOD.slice(0, 8), ['result', FILM]], BORN)).toEqual([]);
  });
});

describe('redundant search', () => {
  it('asks the same words again, or brings what had come', () => {
    const parts: Part[] = [
      ['search', 'Cholwis book'],
      ['result', BOOK],
    ];
    expect(seen('redundant search', [...parts, ['search', 'book, Cholwis'], ['result', FILM]])).toEqual([2]);
    expect(seen('redundant search', [...parts, ['search', 'a novel'], ['result', BOOK]])).toEqual([2]);
  });

  it('is none where one page of several is new, or nothing came', () => {
    expect(seen('redundant search', GOOD)).toEqual([]);
    const parts: Part[] = [
      ['search', 'Cholwis'],
      ['result', BOOK],
      ['search', 'Mara'],
      ['result', BOOK, MARA],
    ];
    expect(seen('redundant search', parts)).toEqual([]);
    expect(seen('redundant search', [['search', 'a'], ['result'], ['search', 'b'], ['result']])).toEqual([]);
  });
});

describe('query copy', () => {
  const copies = (query: string, question = BORN.question): boolean =>
    seen('query copy', [['search', query]], { question }).length > 0;

  it('is the question, or a stretch of its sentence', () => {
    expect(copies('Where was the author of the book Cholwis born?')).toBe(true);
    expect(copies('where was the author')).toBe(true);
    expect(copies('please: author of the book Cholwis born')).toBe(true);
  });

  it('is no name, however long, nor a name with its type', () => {
    const question = 'Who directed the film The Forest of Amang and Ketho?';
    expect(copies('The Forest of Amang and Ketho', question)).toBe(false);
    expect(copies('film The Forest of Amang director', question)).toBe(false);
    expect(copies('book Cholwis author')).toBe(false);
  });
});

describe('search after the answer', () => {
  it('is every search after the page that tells it', () => {
    expect(seen('search after the answer', GOOD, BORN)).toEqual([]);
    const more: Part[] = [...GOOD.slice(0, 9), ['search', 'Ketho'], ['result', FILM], ['search', 'x']];
    expect(seen('search after the answer', more, BORN)).toEqual([9, 11]);
  });

  it('waits for the chain to have led there', () => {
    const passing: Page = ['Cholwis', 'Cholwis was printed in Ketho. Mara Tolven wrote it.', true];
    const parts: Part[] = [
      ['search', 'Cholwis'],
      ['result', passing],
      ['search', 'Mara'],
      ['result', MARA],
    ];
    expect(seen('search after the answer', parts, { ...BORN, hops: 2 })).toEqual([]);
    expect(seen('search after the answer', [...parts, ['search', 'x']], { ...BORN, hops: 2 })).toEqual([4]);
    const wrong: Part[] = [...parts.slice(0, 2), ['answer', '\\boxed{x}']];
    expect(seen('ignored result', wrong, { ...BORN, hops: 2 })).toEqual([]);
    expect(seen('ignored result', wrong, BORN)).toEqual([1]);
  });

  it('does not take a page off the chain for the one that tells it, nor a part of a word', () => {
    const parts: Part[] = [
      ['search', 'a'],
      ['result', ['x', 'Ketho is a town.', false]],
      ['search', 'b'],
    ];
    expect(seen('search after the answer', parts, BORN)).toEqual([]);
    const within: Part[] = [
      ['search', 'a'],
      ['result', ['x', 'Kethology', true]],
      ['search', 'b'],
    ];
    expect(seen('search after the answer', within, BORN)).toEqual([]);
  });
});

describe('ignored result', () => {
  const told: Part[] = [
    ['search', 'Mara Tolven'],
    ['result', MARA],
  ];

  it('is the right page, and another answer or none', () => {
    expect(seen('ignored result', [...told, ['answer', '\\boxed{Mara}']], BORN)).toEqual([1]);
    expect(seen('ignored result', told, BORN)).toEqual([1]);
  });

  it('is none where the answer is right, the page never came, or the rollout is under way', () => {
    expect(seen('ignored result', [...told, ['answer', '\\boxed{the ketho.}']], BORN)).toEqual([]);
    expect(
      seen(
        'ignored result',
        [
          ['search', 'a'],
          ['result', BOOK],
          ['answer', '\\boxed{x}'],
        ],
        BORN,
      ),
    ).toEqual([]);
    expect(seen('ignored result', told, { ...BORN, stop: 'aborted' })).toEqual([]);
    const cut: Part[] = [...told, ['answer', '\\boxed{ Ket', 'open']];
    expect(seen('ignored result', cut, { ...BORN, stop: 'length' })).toEqual([]);
  });
});

describe('unsupported answer', () => {
  const after: Part[] = [
    ['search', 'Mara Tolven'],
    ['result', MARA],
  ];

  it('stands in no result, or comes without one', () => {
    expect(seen('unsupported answer', [['answer', '\\boxed{Ketho}']])).toEqual([0]);
    expect(seen('unsupported answer', [...after, ['answer', '\\boxed{Kethu}']])).toEqual([2]);
    expect(seen('unsupported answer', [...after, ['answer', 'Ket']])).toEqual([2]);
  });

  it('judges the last answer, and none that was cut or broke off into a search', () => {
    const twice: Part[] = [...after, ['answer', '\\boxed{x}'], ['answer', '\\boxed{Ketho}']];
    expect(seen('unsupported answer', twice)).toEqual([]);
    expect(seen('unsupported answer', [...after, ['answer', '\\boxed{x', 'open']])).toEqual([2]);
    expect(
      seen('unsupported answer', [...after, ['answer', '\\boxed{x', 'open']], { stop: 'length' }),
    ).toEqual([]);
    const broken: Part[] = [...after, ['answer', '\\boxed{x', 'open'], ['search', 'y}', 'open']];
    expect(seen('unsupported answer', broken)).toEqual([]);
    expect(seen('giving up', broken)).toEqual([3]);
  });

  it('is supported by the title or the text of a result; yes, no and nothing are not judged', () => {
    for (const answer of ['\\boxed{ ketho}', 'Mara Tolven', '\\boxed{Yes}', '\\boxed{}']) {
      expect(seen('unsupported answer', [...after, ['answer', answer]])).toEqual([]);
    }
  });
});

describe('giving up', () => {
  it('ends without an answer, or says that it does not know', () => {
    expect(
      seen('giving up', [
        ['think', 'Now I know.'],
        ['text', '<|end|>'],
      ]),
    ).toEqual([1]);
    expect(
      seen('giving up', [
        ['answer', '\\boxed{ }'],
        ['text', '<|end|>'],
      ]),
    ).toEqual([1]);
    expect(seen('giving up', [['answer', '\\boxed{Unknown.}']])).toEqual([0]);
  });

  it('is no answer out of its box or its tags, and no cut at a limit', () => {
    expect(
      seen('giving up', [
        ['answer', 'Ketho'],
        ['text', '<|end|>'],
      ]),
    ).toEqual([]);
    expect(seen('giving up', [['text', 'It is \\boxed{Ketho}']])).toEqual([]);
    expect(seen('giving up', [['think', 'And so on']], { stop: 'length' })).toEqual([]);
  });
});

describe('empty thinking', () => {
  it('is a blank thought, or stock words alone', () => {
    expect(
      seen('empty thinking', [
        ['think', ''],
        ['think', 'Let me see.'],
        ['think', 'I know this.'],
      ]),
    ).toEqual([0, 1, 2]);
  });

  it('is found also without its closing tag, once something follows', () => {
    expect(
      seen('empty thinking', [
        ['think', 'Easy.', 'open'],
        ['answer', 'x'],
      ]),
    ).toEqual([0]);
    expect(seen('empty thinking', [['think', 'I think', 'open']], { stop: 'aborted' })).toEqual([]);
    expect(
      seen('empty thinking', [
        ['think', '', 'open'],
        ['think', 'Then the country.'],
      ]),
    ).toEqual([]);
  });

  it('is no thought that names what it is after', () => {
    expect(seen('empty thinking', GOOD)).toEqual([]);
    expect(seen('empty thinking', [['text', 'Let me see.']])).toEqual([]);
  });
});
