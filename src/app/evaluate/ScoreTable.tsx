import type { CSSProperties, ReactNode } from 'react';
import type { MethodName } from '../../research/methodNames.ts';
import { methodLabels, methodWords } from './names.ts';
import styles from './ScoreTable.module.css';

interface Heading<Key extends string> {
  readonly key: Key;
  readonly head: string;
  /** What it is, in smaller letters below. */
  readonly words?: string | undefined;
}

export interface ScoreRow<Key extends string> extends Heading<Key> {
  /** The one in bold. */
  readonly ours?: boolean;
}

interface ScoreTableProps<Row extends string, Column extends string> {
  /** Of the region that scrolls where the page is narrow. */
  readonly label: string;
  readonly columns: readonly Heading<Column>[];
  readonly rows: readonly ScoreRow<Row>[];
  /** Columns are as wide as their figures, which stand at the right. */
  readonly narrow?: boolean;
  readonly cell: (row: Row, column: Column) => ReactNode;
}

/** Rows of methods, ReSearch's the one in bold; each explained below its name where that is wanted. */
export const methodRows = (
  methods: readonly MethodName[],
  withWords = false,
): readonly ScoreRow<MethodName>[] =>
  methods.map((method) => ({
    key: method,
    head: methodLabels[method],
    words: withWords ? methodWords[method] : undefined,
    ours: method === 'research',
  }));

/** Cells beside each other on a phone: figures with their intervals take half of its width. */
const most = 3;

/**
 * Who answered, by what was asked: the one form of Evaluate's tables. On a phone a row is a block of cells, each below
 * the name of its column; the roles are said because some browsers take them from a table that is laid out so.
 */
export function ScoreTable<Row extends string, Column extends string>(props: ScoreTableProps<Row, Column>) {
  const { label, columns, rows, narrow = false, cell } = props;
  const across: CSSProperties & Record<'--across', number> = {
    '--across': columns.length > most ? 2 : columns.length,
  };
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={label}>
      <table
        role="table"
        style={across}
        className={`${styles.table} ${(narrow ? styles.narrow : styles.blocks) ?? ''}`}
      >
        <thead role="rowgroup">
          <tr role="row">
            <td role="cell" />
            {columns.map(({ key, head, words }) => (
              <th key={key} scope="col" role="columnheader">
                {head}
                {words !== undefined && <small>{words}</small>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(({ key, head, words, ours = false }) => (
            <tr key={key} role="row" className={ours ? styles.ours : undefined}>
              <th scope="row" role="rowheader">
                {head}
                {words !== undefined && <small>{words}</small>}
              </th>
              {columns.map((column) => (
                <td key={column.key} role="cell" data-column={column.head}>
                  {cell(key, column.key)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
