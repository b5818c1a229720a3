import { bamboogle } from './bamboogle.ts';
import { csvRows } from './csvRows.ts';
import { flashrag } from './flashrag.ts';
import { hotpotqa } from './hotpotqa.ts';
import { jsonRows } from './jsonRows.ts';
import type { Layout } from './layout.ts';
import { musique } from './musique.ts';
import { plainQuestions } from './plainQuestions.ts';
import { fieldsOf, type Row } from './rows.ts';
import { twoWiki } from './twoWiki.ts';

/** Rows looked at to know a file by. */
const LOOKED_AT = 20;

/** In the order in which they are tried: the more particular first. */
const layouts: readonly Layout[] = [flashrag, musique, twoWiki, hotpotqa, plainQuestions, bamboogle];

type Fields = Readonly<Record<string, unknown>>;

/** What a text is: questions in a known layout, or something else, in words. */
export type Recognised =
  | { readonly layout: Layout; readonly rows: Iterable<Row>; readonly first: readonly Fields[] }
  | {
      /** Such as "a web page". */
      readonly looksLike: string;
      /** Own passages may still be read from it. */
      readonly perhapsPassages: boolean;
    };

/** Knows a text by what stands in it; its name and extension say nothing. */
export function recognise(text: string): Recognised {
  const rows = jsonRows(text) ?? csvRows(text);
  if (rows === undefined) return { looksLike: looksLikeText(text), perhapsPassages: !isWebPage(text) };
  const first: Fields[] = [];
  let seen = 0;
  for (const row of rows) {
    const fields = 'value' in row ? fieldsOf(row.value) : undefined;
    if (fields !== undefined) first.push(fields);
    if (++seen >= LOOKED_AT) break;
  }
  const layout = layouts.find((one) => first.some(one.is));
  if (layout !== undefined) {
    // The iterator is spent: begin again.
    return { layout, rows: jsonRows(text) ?? csvRows(text) ?? [], first };
  }
  return { looksLike: looksLikeRows(first), perhapsPassages: first.some(isPassage) || first.length === 0 };
}

const isPassage = (row: Fields): boolean => 'text' in row || 'contents' in row;
const isWebPage = (text: string): boolean => /^\s*<(?:!doctype|html|head|\?xml)/i.test(text);

function looksLikeText(text: string): string {
  if (text.trim() === '') return 'an empty file';
  if (isWebPage(text)) return 'a web page: take the link that downloads the file itself';
  if (text.startsWith('version https://git-lfs')) {
    return 'a pointer of Git LFS: download the file that it stands for';
  }
  return 'plain text';
}

function looksLikeRows(rows: readonly Fields[]): string {
  const [row] = rows;
  if (row === undefined) return 'JSON without objects';
  if (rows.some(isPassage)) return 'passages to search in, without questions';
  if ('sequences_str' in row || 'completion' in row || 'output' in row || 'segments' in row) {
    return 'transcripts of rollouts';
  }
  if ('data' in row && 'version' in row) return 'a file in the layout of SQuAD';
  const names = Object.keys(row).slice(0, 6);
  return `JSON with the fields ${names.map((name) => `"${name}"`).join(', ')}`;
}

/** What a file that is not text begins with. */
const binaries: readonly (readonly [begins: readonly number[], looksLike: string])[] = [
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file: save it as JSON lines'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive: unpack it'],
  [[0x1f, 0x8b], 'a gzip archive: unpack it'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF: save it as text'],
];

/** What bytes look like that cannot be text. */
export function looksLikeBytes(content: string | Uint8Array): string | undefined {
  if (typeof content === 'string') return undefined;
  return binaries.find(([begins]) => begins.every((byte, i) => content[i] === byte))?.[1];
}
