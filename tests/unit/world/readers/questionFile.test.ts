import { describe, expect, it } from 'vitest';
import { describeProblem } from '../../../../src/world/problems.ts';
import {
  questionLimits,
  readQuestionFile,
  type QuestionFile,
} from '../../../../src/world/readers/questionFile.ts';
import * as samples from './sampleFiles.ts';

/** Reads under a name whose extension says nothing. */
function read(content: string, limits = questionLimits, name = 'set.dat'): QuestionFile {
  const result = readQuestionFile({ name, content }, limits);
  if (result.kind !== 'questions') throw new Error(describeProblem(result.problem));
  return result;
}

const only = (content: string) => {
  const { questions, passages, ...rest } = read(content);
  const [question] = questions;
  const textOf = (id: string): string | undefined => passages.find((passage) => passage.id === id)?.text;
  return { question, passages, textOf, ...rest };
};

/** Each hop as "subject | relation | object | text of its passage". */
const hopsOf = (content: string): string[] => {
  const { question, textOf } = only(content);
  return (question?.chain ?? []).map(({ subject, relation, object, passageId }) =>
    [subject, relation, object, textOf(passageId)].join(' | '),
  );
};

const twoWikiHops = [
  'Red Orm | director | Ana Velt | Red Orm is a film of 1960. It was directed by Ana Velt.',
  'Ana Velt | date of birth | 3 May 1920 | Ana Velt( born 3 May 1920) was a director.',
  'Ilda | director | Bo Renk | Ilda is a film directed by Bo Renk.',
  'Bo Renk | date of birth | 8 April 1931 | Bo Renk( born 8 April 1931) was a director.',
];
const musiqueHops = [
  'Cholwis | home of the author | Dresk | Mara Tolven of Dresk wrote it.',
  'Dresk | Who is mayor of #1 ? | Bo Renk | The mayor of Dresk is Bo Renk.',
];

describe('HotpotQA', () => {
  it('is read with its paragraphs, and a hop for each supporting page', () => {
    const { layout, set, question, passages, rows, leftOut, notes } = only(samples.hotpotqa);
    expect({ layout, set, rows, leftOut, notes }).toEqual({
      layout: 'HotpotQA',
      set: 'hotpotqa',
      rows: 1,
      leftOut: [],
      notes: [],
    });
    expect(question).toMatchObject({ id: '5a1', set: 'hotpotqa', golds: ['Dresk'], hops: 2 });
    expect(passages.map(({ title, text }) => `${title}: ${text}`)).toEqual([
      'Orm: Orm is a lake. It lies in Ilda.',
      'Cholwis (book): Cholwis is a book by Mara Tolven. It came out in 1903.',
      'Mara Tolven: Mara Tolven was a writer. She was born in Dresk.',
    ]);
    expect(hopsOf(samples.hotpotqa)).toEqual([
      'Cholwis (book) | supporting fact | Cholwis is a book by Mara Tolven. | Cholwis is a book by Mara Tolven. It came out in 1903.',
      'Mara Tolven | supporting fact | She was born in Dresk. Mara Tolven was a writer. | Mara Tolven was a writer. She was born in Dresk.',
    ]);
  });

  it('marks the passage in which the supporting sentence begins, where a paragraph is cut', () => {
    const long = 'This sentence stands before it and says nothing at all of her. ';
    const row = {
      ...samples.hotpotRow,
      context: [
        ['Cholwis (book)', ['Cholwis is a book by Mara Tolven.']],
        ['Mara Tolven', [long.repeat(8), 'She was born in Dresk.', ` ${long.repeat(8)}`]],
      ],
    };
    const { question, textOf, passages } = only(JSON.stringify([row]));
    expect(passages.filter(({ title }) => title === 'Mara Tolven').length).toBeGreaterThan(2);
    expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
    const [, hop] = question?.chain ?? [];
    const counted = passages.filter(({ text }) => text.includes('She was born in Dresk.'));
    expect(counted).toHaveLength(1);
    // The facts are in two passages, one in each: the first named is taken.
    expect(textOf(hop?.passageId ?? '')).toContain('She was born in Dresk.');
  });

  it('of the fullwiki kind may lack a supporting page: asked all the same, nothing marked, and told', () => {
    const row = { ...samples.hotpotRow, context: samples.hotpotRow.context.slice(0, 2) };
    const { question, notes, leftOut } = only(JSON.stringify([row]));
    expect(question).toMatchObject({ golds: ['Dresk'], hops: 2 });
    expect(question?.chain).toBeUndefined();
    expect(leftOut).toEqual([]);
    expect(notes.map(describeProblem)).toEqual([
      expect.stringMatching(/^set\.dat: row 1: a supporting page is not among .*fullwiki/),
    ]);
  });

  it('leaves out rows without an answer, as in its test split', () => {
    const { answer: _, supporting_facts: __, ...hidden } = samples.hotpotRow;
    const { questions, passages, leftOut } = read(JSON.stringify([hidden]));
    expect([questions, passages]).toEqual([[], []]);
    expect(leftOut.map(describeProblem)[0]).toMatch(
      /^set\.dat, line 1: row 1 left out: it has no answer\. Test/,
    );
  });
});

describe('2WikiMultiHopQA', () => {
  it('is told from HotpotQA by its rows, and its triples are the hops, each at the fact that states it', () => {
    const { set, layout, question } = only(samples.twoWiki);
    expect({ set, layout }).toEqual({ set: '2wiki', layout: '2WikiMultiHopQA' });
    expect(question).toMatchObject({ id: 'ab12', golds: ['Red Orm'], hops: 4 });
    expect(hopsOf(samples.twoWiki)).toEqual(twoWikiHops);
    expect(question?.chain?.[0]?.query).toBe('Red Orm director');
  });

  it('falls back on its supporting pages where the triples are not there', () => {
    const { evidences: _, ...row } = samples.twoWikiRow;
    expect(hopsOf(JSON.stringify([row])).map((hop) => hop.split(' | ')[0])).toEqual([
      'Red Orm',
      'Ilda (film)',
      'Ana Velt',
      'Bo Renk',
    ]);
  });
});

describe('MuSiQue', () => {
  it('is read with aliases, and hops out of its decomposition', () => {
    const { set, question, passages } = only(samples.musique);
    expect(set).toBe('musique');
    expect(question).toMatchObject({ id: '2hop__1_2', golds: ['Bo Renk', 'Renk'], hops: 2 });
    expect(passages.map(({ title }) => title)).toEqual(['Dresk', 'Dresk', 'Cholwis']);
    expect(hopsOf(samples.musique)).toEqual(musiqueHops);
    expect(question?.chain?.map(({ query }) => query)).toEqual([
      'Cholwis home of the author',
      'Who is mayor of Dresk ?',
    ]);
  });

  it('marks the passage that holds a step’s answer, where a paragraph is cut', () => {
    const long = 'Many words are said of the town that have no weight for us here. '.repeat(9);
    const paragraphs = samples.musiqueRow.paragraphs.map((paragraph) =>
      paragraph.idx === 1
        ? { ...paragraph, paragraph_text: `${long}Its mayor is bo  renk. ${long}` }
        : paragraph,
    );
    const { question, textOf } = only(JSON.stringify({ ...samples.musiqueRow, paragraphs }));
    expect(textOf(question?.chain?.[1]?.passageId ?? '')).toContain('bo renk');
  });

  it('leaves out what its paragraphs cannot answer, as half of MuSiQue-Full', () => {
    const unanswerable = { ...samples.musiqueRow, answerable: false };
    const { questions, leftOut } = read(samples.musique + JSON.stringify(unanswerable));
    expect(questions).toHaveLength(1);
    expect(leftOut.map(describeProblem)).toEqual([
      expect.stringMatching(
        /^set\.dat, line 2: row 2 left out: its paragraphs cannot answer it.*MuSiQue-Ans/,
      ),
    ]);
  });
});

describe('Bamboogle', () => {
  it('is read as the sheet without a header', () => {
    const { set, questions, passages, leftOut } = read(samples.bamboogleCsv, questionLimits, 'bamboogle.csv');
    expect({ set, passages, leftOut }).toEqual({ set: 'bamboogle', passages: [], leftOut: [] });
    expect(questions.map(({ text, golds }) => [text, ...golds])).toEqual([
      ['Who wrote the book that made Dresk famous?', 'Mara Tolven'],
      ['When was the author of "Cholwis", the book, born?', 'May 3, 1920', '3 May 1920'],
      ['What is the capital of the country with Lake Orm?', 'Lissen'],
    ]);
  });

  it('is read with sub-questions, which tell the set and the hops and add no gold', () => {
    expect(only(samples.bamboogleJson).question).toEqual({
      id: 'bamboogle-1',
      set: 'bamboogle',
      text: 'Who was mayor of Dresk when Cholwis came out?',
      golds: ['Bo Renk'],
      hops: 2,
    });
  });

  it('does not lend its name to anybody’s questions and answers', () => {
    expect(read('{"question": "Who?", "answer": ["Orm", "Orm"]}').questions).toEqual([
      { id: 'own-1', set: 'own', text: 'Who?', golds: ['Orm'] },
    ]);
  });
});

describe('FlashRAG', () => {
  it('is read with and without metadata, and lists as JSON in strings', () => {
    const { set, questions } = read(samples.flashrag);
    expect(set).toBe('flashrag');
    expect(questions.map(({ id, golds }) => [id, ...golds])).toEqual([
      ['test_0', 'Mara Tolven', 'Tolven'],
      ['test_1', '1903', '1904'],
    ]);
    expect(read(samples.flashrag, questionLimits, 'bamboogle-test.jsonl').set).toBe('bamboogle');
  });

  it('carries the paragraphs and the hops of the set that it was made from', () => {
    expect(read(samples.flashragHotpot)).toMatchObject({ set: 'hotpotqa', layout: 'FlashRAG' });
    expect(hopsOf(samples.flashragHotpot).map((hop) => hop.split(' | ')[0])).toEqual([
      'Cholwis (book)',
      'Mara Tolven',
    ]);
    expect(read(samples.flashragTwoWiki).set).toBe('2wiki');
    expect(hopsOf(samples.flashragTwoWiki)).toEqual(twoWikiHops);
    expect(read(samples.flashragMusique).set).toBe('musique');
    expect(hopsOf(samples.flashragMusique)).toEqual(musiqueHops);
  });
});

describe('any file of questions', () => {
  it('shares paragraphs between rows, and gives every question an id of its own', () => {
    const twice = JSON.stringify([samples.hotpotRow, samples.hotpotRow]);
    const { questions, passages } = read(twice);
    expect(questions.map(({ id }) => id)).toEqual(['5a1', '5a1 (2)']);
    expect(passages).toHaveLength(samples.hotpotRow.context.length);
    expect(questions[1]?.chain).toEqual(questions[0]?.chain);
  });

  it('keeps away from ids of passages that are there already', () => {
    const taken = new Set(read(samples.hotpotqa).passages.map(({ id }) => id));
    const again = readQuestionFile({ name: 'set.dat', content: samples.hotpotqa }, questionLimits, taken);
    if (again.kind !== 'questions') throw new Error(again.problem.message);
    expect(again.passages.filter(({ id }) => taken.has(id))).toEqual([]);
  });

  it('names each row it leaves out, with line, reason and mend, and reads the others', () => {
    const bad = [
      '{"question": 3, "answer": "x", "context": []}',
      '{"answer": "x", "context": []}',
      '{"question": " ", "answer": "x", "context": []}',
      '{"question": "Who?", "answer": "x"}',
      '{"question": "Who?", "answer": "x", "context": [["Orm", 5]]}',
      '[1]',
      '{"question": "Who?"',
    ];
    const good = JSON.stringify(samples.hotpotRow);
    const { questions, leftOut, rows } = read([good, ...bad, good].join('\n'));
    expect(questions).toHaveLength(2);
    expect(rows).toBe(9);
    const reasons = leftOut.map((problem) =>
      describeProblem(problem).replace(/^set\.dat, line \d: row \d left out: /, ''),
    );
    expect(leftOut.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(reasons).toEqual([
      expect.stringMatching(/^"question" is not a text\. Rows of HotpotQA have/),
      expect.stringMatching(/^"question" is missing\. Rows of/),
      expect.stringMatching(/^"question" is empty\. Rows of/),
      expect.stringMatching(/^"context" is missing\. Rows of/),
      expect.stringMatching(/^"context" is not as it should be\. Rows of/),
      expect.stringMatching(/^it is not a JSON object\./),
      expect.stringMatching(/^not JSON\. Mend/),
    ]);
  });

  it('takes no more questions and passages than wanted, and says that there is more', () => {
    const rows = ['A', 'B', 'C'].map((name) => ({
      ...samples.hotpotRow,
      _id: name,
      context: [...samples.hotpotRow.context, [name, [`${name} is a town.`]]],
    }));
    const text = JSON.stringify(rows, null, 1);
    const some = read(text, { ...questionLimits, questions: 2 });
    expect(some.questions.map(({ id }) => id)).toEqual(['A', 'B']);
    expect(some.passages.map(({ title }) => title)).not.toContain('C');
    expect(some.notes.map(describeProblem)[0]).toMatch(
      /^set\.dat, line \d+: only the first 2 questions were taken/,
    );
    const few = read(text, { ...questionLimits, passages: 4 });
    expect(few.questions.map(({ id }) => id)).toEqual(['A']);
    expect(few.notes[0]?.message).toMatch(/first 1 questions with 4 passages/);
    expect(read(text).notes).toEqual([]);
  });
});
