import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRecords } from '../../../../src/world/readers/csv.ts';
import { csvRows } from '../../../../src/world/readers/csvRows.ts';
import { jsonRows } from '../../../../src/world/readers/jsonRows.ts';

const rows = (text: string) => [...(jsonRows(text) ?? [])];
const values = (text: string): unknown[] =>
  rows(text).map((row) => ('value' in row ? row.value : row.problem.split(/[.:]/)[0]));

describe('rows of JSON', () => {
  it('are lines, a list, or objects one after the other, with the line on which each starts', () => {
    const apart = '{"a": 1}\n\n{"a": "}"}\n';
    expect(rows(apart)).toEqual([
      { row: 1, line: 1, value: { a: 1 } },
      { row: 2, line: 3, value: { a: '}' } },
    ]);
    const list = '[\n {"a": [1, 2]},\n {\n  "a": "\\"]"\n },\n {"a": 3}\n]\n';
    expect(rows(list)).toEqual([
      { row: 1, line: 2, value: { a: [1, 2] } },
      { row: 2, line: 3, value: { a: '"]' } },
      { row: 3, line: 6, value: { a: 3 } },
    ]);
    expect(rows('{\n "a": 1\n}\n{\n "a": 2\n}').map(({ line }) => line)).toEqual([1, 4]);
    expect(jsonRows('Just words.')).toBeUndefined();
    expect(jsonRows('')).toBeUndefined();
  });

  it('cost no other row when one is broken', () => {
    expect(values('{"a": 1}\n{"a": oops}\n{"a": 3}')).toEqual([{ a: 1 }, 'not JSON', { a: 3 }]);
    expect(values('{"a": oops}\n{"a": 2}')).toEqual(['not JSON', { a: 2 }]);
    expect(values('[{"a": 1}, {"a": oops}, {"a": 3}]')).toEqual([{ a: 1 }, 'not JSON', { a: 3 }]);
    expect(values('[{"a": 1}}, 7, {"a": 3}]')).toEqual([{ a: 1 }, 'not JSON', 7, { a: 3 }]);
  });

  it('tell a download that was cut off, wherever it ends', () => {
    const cut = 'the file ends in the middle of it';
    const text = '[{"a": "x"}, {"a": [1, {"b": "\\"y"}]}]';
    expect(values(text.slice(0, -3))).toEqual([{ a: 'x' }, cut]);
    expect(values(text.slice(0, -8))).toEqual([{ a: 'x' }, cut]);
    expect(values(text.slice(0, -1)).at(-1)).toBe('the list of rows is not closed');
    expect(values('{"a": 1}\n{"a": ')).toEqual([{ a: 1 }, cut]);
    for (let end = 1; end < text.length; end++) {
      const last = rows(text.slice(0, end)).at(-1);
      expect(last, text.slice(0, end)).toHaveProperty('problem');
    }
  });

  it('are what was written, in any layout', () => {
    const list = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 });
    fc.assert(
      fc.property(list, fc.constantFrom(undefined, 2), (written, indent) => {
        const given: unknown = JSON.parse(JSON.stringify(written));
        expect(values(JSON.stringify(written, null, indent))).toEqual(given);
        expect(values(written.map((row) => JSON.stringify(row, null, indent)).join('\n'))).toEqual(given);
      }),
      { numRuns: 200 },
    );
  });
});

describe('records of CSV', () => {
  const records = (text: string) => [...csvRecords(text)].map(({ fields }) => fields);

  it('hold commas, quotes and line ends in quotes, and know the line they start on', () => {
    const text = 'a,"b, ""c""",\n"d\ne",f,\n\nlast,,"open';
    expect([...csvRecords(text)]).toEqual([
      { line: 1, fields: ['a', 'b, "c"', ''], closed: true },
      { line: 2, fields: ['d\ne', 'f', ''], closed: true },
      { line: 5, fields: ['last', '', 'open'], closed: false },
    ]);
    expect(records('5" wide,"x"y\n')).toEqual([['5" wide', 'xy']]);
  });

  it('are what was written', () => {
    const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
    const plain = (field: string): string => (/[",\n]/.test(field) ? quoted(field) : field);
    const field = fc.string({
      unit: fc.oneof(fc.constantFrom('"', ',', '\n', ' '), fc.string({ minLength: 1, maxLength: 1 })),
    });
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 5 }));
    fc.assert(
      fc.property(table, fc.boolean(), fc.boolean(), (given, always, ended) => {
        const write = always ? quoted : plain;
        const text = given.map((record) => record.map(write).join(',')).join('\n');
        expect(records(ended && text !== '' ? `${text}\n` : text)).toEqual(given);
      }),
      { numRuns: 300 },
    );
  });

  it('are questions by their header, or by asking', () => {
    const first = (text: string): unknown => {
      const [row] = csvRows(text) ?? [];
      return row !== undefined && 'value' in row ? row.value : row;
    };
    expect(first('Question, Answer ,Q1\nWho?,Orm,What?\n')).toEqual({
      question: 'Who?',
      answer: 'Orm',
      q1: 'What?',
    });
    expect(first('Who is it?,,,,Orm,"Orm\n the Elder",\nWhere?,,,,Dresk,,\n')).toEqual({
      question: 'Who is it?',
      answer: ['Orm', 'Orm\n the Elder'],
    });
    expect(first('Who is it?,Orm,Whose son?,Ilda\nWhere?,Dresk,Which town?,Dresk')).toMatchObject({
      answer: ['Orm'],
    });
    expect(csvRows('Well, he said, and left.\nWhy, then, go?')).toBeUndefined();
    expect(csvRows('name,age\nOrm,3')).toBeUndefined();
  });
});
