import { describe, expect, it } from 'vitest';
import { readOwnFiles } from '../../../src/world/ownFiles.ts';
import { describeProblem } from '../../../src/world/problems.ts';
import { questionLimits } from '../../../src/world/readers/questionFile.ts';
import * as samples from './readers/sampleFiles.ts';

const told = (...files: readonly (readonly [name: string, content: string])[]): string[] =>
  readOwnFiles(files.map(([name, content]) => ({ name, content }))).problems.map(describeProblem);

describe('files that a person drops', () => {
  it('may be passages, a test set, or both at once', () => {
    const notes = { name: 'notes.md', content: '# Orm\nOrm is a lake.' };
    const set = { name: 'dev.json', content: samples.hotpotqa };
    expect(readOwnFiles([notes])).toMatchObject({
      passages: [{ title: 'Orm', text: 'Orm is a lake.' }],
      questions: [],
      problems: [],
    });
    const both = readOwnFiles([set, notes]);
    expect(both.passages.map(({ title }) => title)).toEqual(['Orm', 'Orm', 'Cholwis (book)', 'Mara Tolven']);
    expect(both.questions.map(({ golds }) => golds)).toEqual([['Dresk']]);
    expect(both.problems).toEqual([]);
  });

  it('may bear the same name and the same ids; each passage and question still has an id of its own', () => {
    const set = { name: 'dev.json', content: samples.hotpotqa };
    const clash = { name: 'mine.jsonl', content: '{"id": "dev.json:p1", "text": "A lake."}' };
    const { passages, questions } = readOwnFiles([set, set, clash]);
    const ids = new Set(passages.map(({ id }) => id));
    expect(ids.size).toBe(passages.length);
    expect(questions.map(({ id }) => id)).toEqual(['5a1', '5a1 (2)']);
    for (const { chain = [] } of questions) {
      expect(chain).toHaveLength(2);
      for (const hop of chain) {
        expect(passages.find(({ id }) => id === hop.passageId)?.title).toBe(hop.subject);
      }
    }
  });

  it('keep within the limits together', () => {
    const set = { name: 'dev.json', content: samples.hotpotqa };
    const limits = { ...questionLimits, passages: 3 };
    const { passages, questions, problems } = readOwnFiles([set, { ...set, name: 'more.json' }], limits);
    expect([passages.length, questions.length]).toEqual([3, 1]);
    expect(problems.map(describeProblem)[0]).toMatch(/^more\.json, line 2: only the first 0 questions/);
  });

  it('are told what they look like where nothing can be read from them', () => {
    expect(told(['results.jsonl', '{"prompt": "x", "completion": "y"}'])).toEqual([
      expect.stringMatching(/^results\.jsonl: it looks like transcripts of rollouts\. Expected are/),
    ]);
    expect(told(['table.csv', 'name,age\nOrm,3'])[0]).toMatch(/^table\.csv: it looks like plain text\./);
    expect(told(['mine.jsonl', '{"text": 3}'])[0]).toMatch(/^mine\.jsonl, line 1: "text" is not a text/);
    expect(told(['story.pdf', 'x'])[0]).toMatch(/^story\.pdf: it looks like plain text/);
  });

  it('name the rows left out, and that questions alone have nothing to search in', () => {
    const rows = [samples.hotpotRow, { ...samples.hotpotRow, question: 5 }];
    expect(told(['dev.json', JSON.stringify(rows)])).toEqual([
      expect.stringMatching(/^dev\.json, line 1: row 2 left out: "question" is not a text/),
    ]);
    expect(told(['bamboogle.csv', samples.bamboogleCsv])).toEqual([
      expect.stringMatching(/^bamboogle\.csv: questions without paragraphs to search in\./),
    ]);
    expect(told(['bamboogle.csv', samples.bamboogleCsv], ['a.txt', 'Orm is a lake.'])).toEqual([]);
    // Prose with commas and a question in it stays prose.
    expect(told(['a.txt', 'Why, then, go?\n\nBecause, he said, of the lake.'])).toEqual([]);
  });
});
