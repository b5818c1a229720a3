/** Small files in the layouts of the four test sets, made up for the tests. */

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

export const hotpotRow = {
  _id: '5a1',
  answer: 'Dresk',
  question: 'In which town was the author of "Cholwis" born?',
  supporting_facts: [
    ['Cholwis (book)', 0],
    ['Mara Tolven', 1],
    ['Mara Tolven', 0],
  ],
  context: [
    ['Orm', ['Orm is a lake.', ' It lies in Ilda.']],
    ['Cholwis (book)', ['Cholwis is a book by Mara Tolven.', ' It came out in 1903.']],
    ['Mara Tolven', ['Mara Tolven was a writer.', ' She was born in Dresk.']],
  ],
  type: 'bridge',
  level: 'hard',
};

export const twoWikiRow = {
  _id: 'ab12',
  type: 'bridge_comparison',
  question: 'Which film has the director born first, Red Orm or Ilda?',
  context: [
    ['Ilda (film)', ['Ilda is a film directed by Bo Renk.']],
    ['Red Orm', ['Red Orm is a film of 1960.', 'It was directed by Ana Velt.']],
    ['Ana Velt', ['Ana Velt( born 3 May 1920) was a director.']],
    ['Bo Renk', ['Bo Renk( born 8 April 1931) was a director.']],
  ],
  entity_ids: 'Q1_Q2_Q3_Q4',
  supporting_facts: [
    ['Red Orm', 1],
    ['Ilda (film)', 0],
    ['Ana Velt', 0],
    ['Bo Renk', 0],
  ],
  // Not in the order of the facts.
  evidences: [
    ['Red Orm', 'director', 'Ana Velt'],
    ['Ana Velt', 'date of birth', '3 May 1920'],
    ['Ilda', 'director', 'Bo Renk'],
    ['Bo Renk', 'date of birth', '8 April 1931'],
  ],
  answer: 'Red Orm',
  evidences_id: [],
  answer_id: null,
};

export const musiqueRow = {
  id: '2hop__1_2',
  paragraphs: [
    { idx: 0, title: 'Dresk', paragraph_text: 'Dresk is a town.', is_supporting: false },
    { idx: 1, title: 'Dresk', paragraph_text: 'The mayor of Dresk is Bo Renk.', is_supporting: true },
    { idx: 2, title: 'Cholwis', paragraph_text: 'Mara Tolven of Dresk wrote it.', is_supporting: true },
  ],
  question: 'Who is mayor where the author of Cholwis lives?',
  question_decomposition: [
    { id: 1, question: 'Cholwis >> home of the author', answer: 'Dresk', paragraph_support_idx: 2 },
    { id: 2, question: 'Who is mayor of #1 ?', answer: 'Bo Renk', paragraph_support_idx: 1 },
  ],
  answer: 'Bo Renk',
  answer_aliases: ['Renk', 'Bo Renk'],
  answerable: true,
};

export const hotpotqa = JSON.stringify([hotpotRow], null, 4);
export const twoWiki = JSON.stringify([twoWikiRow]);
export const musique = lines([musiqueRow]);

/** Bamboogle as the sheet is handed on: no header, seven columns, CRLF, quotes, a line break in a field. */
export const bamboogleCsv =
  'Who wrote the book that made Dresk famous?,,,,Mara Tolven,,\r\n' +
  '"When was the author of ""Cholwis"", the book, born?",,,,"May 3,\u00a01920",3 May 1920,\r\n' +
  'What is the capital of the country with Lake Orm?,,,,"Lissen\r\n",,\r\n';

export const bamboogleJson = JSON.stringify([
  {
    Question: 'Who was mayor of Dresk when Cholwis came out?',
    Answer: 'Bo Renk',
    Q1: 'When did Cholwis come out?',
    A1: ['1903'],
    Q2: 'Who was mayor of Dresk in 1903?',
    A2: ['bo renk', 'renk the elder'],
  },
]);

export const flashrag = lines([
  { id: 'test_0', question: 'Who wrote Cholwis?', golden_answers: ['Mara Tolven', 'Tolven'] },
  { id: 'test_1', question: 'When?', golden_answers: '["1903", 1904]', metadata: null },
]);

/** The sets' own fields as FlashRAG hands them on. */
export const flashragHotpot = lines([
  {
    id: 'dev_0',
    question: hotpotRow.question,
    golden_answers: ['Dresk'],
    metadata: {
      type: 'bridge',
      level: 'hard',
      supporting_facts: { title: ['Cholwis (book)', 'Mara Tolven'], sent_id: [0, 1] },
      context: {
        title: hotpotRow.context.map(([title]) => title),
        sentences: hotpotRow.context.map(([, sentences]) => sentences),
      },
    },
  },
]);

export const flashragTwoWiki = lines([
  {
    id: 'dev_0',
    question: twoWikiRow.question,
    golden_answers: ['Red Orm'],
    metadata: JSON.stringify({
      type: 'bridge_comparison',
      supporting_facts: {
        title: twoWikiRow.supporting_facts.map(([title]) => title),
        sent_id: twoWikiRow.supporting_facts.map(([, sentence]) => sentence),
      },
      context: {
        title: twoWikiRow.context.map(([title]) => title),
        content: twoWikiRow.context.map(([, sentences]) => sentences),
      },
      evidences: {
        fact: twoWikiRow.evidences.map(([subject]) => subject),
        relation: twoWikiRow.evidences.map(([, relation]) => relation),
        entity: twoWikiRow.evidences.map(([, , object]) => object),
      },
    }),
  },
]);

export const flashragMusique = lines([
  {
    id: 'dev_0',
    question: musiqueRow.question,
    golden_answers: ['Bo Renk'],
    metadata: {
      question_decomposition: musiqueRow.question_decomposition.map((step) => ({
        ...step,
        support_paragraph: musiqueRow.paragraphs[step.paragraph_support_idx],
      })),
    },
  },
]);
