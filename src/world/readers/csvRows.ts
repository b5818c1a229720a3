import { csvRecords, type CsvRecord } from './csv.ts';
import { fieldsOf, type Row } from './rows.ts';

/** Records looked at to tell a table of questions from prose with commas. */
const LOOKED_AT = 20;

const asksSomething = (field: string | undefined): boolean => /\?["'”’)\s]*$/.test(field ?? '');

function firstRecords(text: string, count: number): CsvRecord[] {
  const records: CsvRecord[] = [];
  for (const record of csvRecords(text)) {
    if (records.push(record) >= count) break;
  }
  return records;
}

/** Names of the columns, if the first record is such names. */
function headerOf(first: CsvRecord): string[] | undefined {
  const names = first.fields.map((name) => name.trim().toLowerCase());
  const isHeader = names.includes('question') && names.length > 1 && !names.some(asksSomething);
  return isHeader ? names : undefined;
}

/**
 * Rows of a table of questions as fields by column; undefined where the text is no such table. Without a header the
 * first column asks and what is filled in behind it answers, as in the sheet that Bamboogle is handed on as; where a
 * later column asks as well (Question, Answer, Q1, A1, …), only the second answers.
 */
export function csvRows(text: string): Iterable<Row> | undefined {
  const head = firstRecords(text, LOOKED_AT);
  const [first] = head;
  if (first === undefined || first.fields.length < 2) return undefined;
  const names = headerOf(first);
  if (names !== undefined) return namedRows(text, names);
  const width = first.fields.length;
  const asking = head.filter(({ fields }) => fields.length === width && asksSomething(fields[0]));
  if (head.length < 2 || asking.length * 2 < head.length) return undefined;
  const single = asking.some(({ fields }) => fields.slice(1).some(asksSomething));
  return unnamedRows(text, width, single);
}

function* unnamedRows(text: string, width: number, single: boolean): Generator<Row> {
  let row = 0;
  for (const { line, fields, closed } of csvRecords(text)) {
    row++;
    const problem = problemOf(fields.length, width, closed);
    const answers = single ? fields.slice(1, 2) : fields.slice(1);
    const value = { question: fields[0], answer: answers.filter((answer) => answer.trim() !== '') };
    yield { row, line, ...(problem === undefined ? { value } : { problem }) };
  }
}

function* namedRows(text: string, names: readonly string[]): Generator<Row> {
  let row = 0;
  for (const { line, fields, closed } of csvRecords(text)) {
    row++;
    if (row === 1) continue;
    const problem = problemOf(fields.length, names.length, closed);
    const value = fieldsOf(Object.fromEntries(names.map((name, i) => [name, fields[i] ?? ''])));
    yield { row: row - 1, line, ...(problem === undefined ? { value } : { problem }) };
  }
}

function problemOf(fields: number, columns: number, closed: boolean): string | undefined {
  if (!closed) return 'a quoted field is not closed before the file ends. Close it with a double quote';
  if (fields <= columns) return undefined;
  return `it has ${fields} fields, and there are ${columns} columns. Put double quotes around fields with commas`;
}
