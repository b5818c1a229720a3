import { useState } from 'react';
import { percent } from '../components/format.ts';
import { Segmented } from '../components/Segmented.tsx';
import { cellOf, type EvaluationState } from '../store/evaluationState.ts';
import { Interval } from './Interval.tsx';
import { setLabel } from '../components/setLabel.ts';
import { methodLabels } from './names.ts';
import styles from './HopsTable.module.css';

/** One set by number of hops. */
export function HopsTable({ evaluation }: { readonly evaluation: EvaluationState }) {
  const { sets, methods } = evaluation.plan;
  const [chosen, setChosen] = useState(sets[0] ?? 'musique');
  const set = sets.includes(chosen) ? chosen : (sets[0] ?? 'musique');
  const rows = methods.flatMap((method) => cellOf(evaluation, method, set)?.row ?? []);
  const hops = [...new Set(rows.flatMap(({ byHops = {} }) => Object.keys(byHops)))].sort();
  return (
    <section aria-labelledby="hops">
      <div className={styles.head}>
        <h2 id="hops">By hops</h2>
        {sets.length > 1 && (
          <Segmented
            label="Set"
            value={set}
            options={sets.map((value) => ({ value, label: setLabel(value) }))}
            onChange={setChosen}
          />
        )}
      </div>
      {hops.length === 0 ? (
        <p className={styles.none}>Nothing of {setLabel(set)} has been asked yet.</p>
      ) : (
        <div className={styles.scroller} tabIndex={0} role="region" aria-label="Right answers by hops">
          <table className={styles.table}>
            <thead>
              <tr>
                <td />
                {hops.map((count) => (
                  <th key={count} scope="col">
                    {count} {count === '1' ? 'hop' : 'hops'}{' '}
                    <small>{rows[0]?.byHops?.[count]?.n ?? 0} questions</small>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ method, byHops = {} }) => (
                <tr key={method}>
                  <th scope="row">{methodLabels[method]}</th>
                  {hops.map((count) => {
                    const of = byHops[count];
                    return (
                      <td key={count}>
                        {of !== undefined && (
                          <>
                            <b>{percent(of.em)}</b>{' '}
                            <small>
                              {percent(of.ci95[0])}–{percent(of.ci95[1])}
                            </small>
                            <Interval value={of.em} low={of.ci95[0]} high={of.ci95[1]} />
                          </>
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
