import type { ReactNode } from 'react';
import { methodNames, type MethodName } from '../../research/methodNames.ts';
import { methodLabels, methodWords } from './names.ts';
import styles from './ScoreTable.module.css';

interface ScoreTableProps<Column extends string> {
  /** Of the region that scrolls where the page is narrow. */
  readonly label: string;
  readonly columns: readonly { readonly key: Column; readonly head: ReactNode }[];
  /** Rows, in the order of the paper; absent: every method. */
  readonly methods?: readonly MethodName[];
  /** Whether each method is explained below its name. */
  readonly words?: boolean;
  /** Columns are as wide as their figures, which stand at the right. */
  readonly narrow?: boolean;
  readonly cell: (method: MethodName, column: Column) => ReactNode;
}

/** Methods by anything: the one form of Evaluate's tables. ReSearch's row is the one in bold. */
export function ScoreTable<Column extends string>(props: ScoreTableProps<Column>) {
  const { label, columns, methods = methodNames, words = false, narrow = false, cell } = props;
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={label}>
      <table className={narrow ? `${styles.table} ${styles.narrow}` : styles.table}>
        <thead>
          <tr>
            <td />
            {columns.map(({ key, head }) => (
              <th key={key} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {methods.map((method) => (
            <tr key={method} className={method === 'research' ? styles.ours : undefined}>
              <th scope="row">
                {methodLabels[method]}
                {words && <small>{methodWords[method]}</small>}
              </th>
              {columns.map(({ key }) => (
                <td key={key}>{cell(method, key)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
