import { mainMetrics, moreMetrics } from '../components/metrics.ts';
import type { RunView } from '../store/runView.ts';
import { MetricName } from './MetricName.tsx';
import styles from './Numbers.module.css';

const metrics = [...mainMetrics, ...moreMetrics];

/** All curves as a table: for those who do not see them, and for those who want the digits. */
export function Numbers({ run }: { readonly run: RunView }) {
  return (
    <details className={styles.numbers}>
      <summary>All numbers, as a table</summary>
      <div className={styles.scroller} tabIndex={0} role="region" aria-label="All numbers">
        <table>
          <thead>
            <tr>
              <th scope="col">Update</th>
              {metrics.map((metric) => (
                <th key={metric.id} scope="col">
                  <MetricName metric={metric} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {run.steps.map((row) => (
              <tr key={row.step}>
                <th scope="row">{row.step}</th>
                {metrics.map((metric) => (
                  <td key={metric.id}>{metric.write(metric.of(row))}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
