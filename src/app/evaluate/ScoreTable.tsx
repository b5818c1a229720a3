import type { ReactNode } from 'react';
import type { MethodName } from '../../research/methodNames.ts';
import { methodLabels, methodWords } from './names.ts';
import styles from './ScoreTable.module.css';

interface Heading<Key extends string> {
  readonly key: Key;
  readonly head: ReactNode;
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

/** Who answered, by what was asked: the one form of Evaluate's tables. */
export function ScoreTable<Row extends string, Column extends string>(props: ScoreTableProps<Row, Column>) {
  const { label, columns, rows, narrow = false, cell } = props;
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={label}>
      <table className={narrow ? `${styles.table} ${styles.narrow}` : styles.table}>
        <thead>
          <tr>
            <td />
            {columns.map(({ key, head, words }) => (
              <th key={key} scope="col">
                {head}
                {words !== undefined && <small>{words}</small>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, head, words, ours = false }) => (
            <tr key={key} className={ours ? styles.ours : undefined}>
              <th scope="row">
                {head}
                {words !== undefined && <small>{words}</small>}
              </th>
              {columns.map((column) => (
                <td key={column.key}>{cell(key, column.key)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
