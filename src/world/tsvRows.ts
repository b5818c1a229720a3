import type { Entry } from './ownFormats.ts';

const COLUMNS = ['id', 'title', 'text'] as const;
type Column = (typeof COLUMNS)[number];

/** As DPR writes them: in quotes, quotes doubled. */
const unquoted = (cell: string): string =>
  cell.length > 1 && cell.startsWith('"') && cell.endsWith('"')
    ? cell.slice(1, -1).replaceAll('""', '"')
    : cell;

/**
 * Rows of a TSV file. A first line that names the columns (id, title, text, in any order, as in DPR's
 * `psgs_w100.tsv`) is its head; without one a row is a title and a text, or a text alone.
 */
export class TsvRows {
  private head: readonly (Column | undefined)[] | undefined;

  push(line: string, number: number): Entry | undefined {
    if (line.trim() === '') return undefined;
    const cells = line.split('\t').map((cell) => unquoted(cell.trim()));
    if (number === 1) {
      const names = cells.map((cell) => COLUMNS.find((name) => name === cell.toLowerCase()));
      if (names.includes('text')) {
        this.head = names;
        return undefined;
      }
    }
    if (this.head === undefined && cells.length > 2) {
      return {
        line: number,
        problem: `${cells.length} columns, and no first line that names them. Begin with a line such as id⇥title⇥text.`,
      };
    }
    if (this.head !== undefined && cells.length !== this.head.length) {
      return {
        line: number,
        problem: `${cells.length} columns; the first line names ${this.head.length}. Put a tab between columns and none inside.`,
      };
    }
    const columns = this.head ?? (cells.length === 2 ? (['title', 'text'] as const) : (['text'] as const));
    const cell = (name: Column): string => cells[columns.indexOf(name)] ?? '';
    const [id, title, text] = [cell('id'), cell('title'), cell('text')];
    if (text === '') return { line: number, problem: 'its text is empty. Fill it in, or delete the line.' };
    return { line: number, text, ...(title === '' ? {} : { title }), ...(id === '' ? {} : { id }) };
  }

  end(): readonly Entry[] {
    return [];
  }
}
