import { useState } from 'react';
import { counted, percent, percentRange } from '../components/format.ts';
import { Figure } from '../components/figure/Figure.tsx';
import { Segmented } from '../components/Segmented.tsx';
import { Term } from '../components/Term.tsx';
import { methodNames } from '../../research/methodNames.ts';
import { Interval } from './Interval.tsx';
import { setLabel } from '../components/setLabel.ts';
import { methodLabels } from './names.ts';
import { methodRows, ScoreTable } from './ScoreTable.tsx';
import { rowIn, type ShownTable } from './shownTable.ts';
import styles from './HopsTable.module.css';

/** One set by number of hops. */
export function HopsTable({ table: { sets, rows: all } }: { readonly table: ShownTable }) {
  const [chosen, setChosen] = useState(sets[0] ?? 'musique');
  const set = sets.includes(chosen) ? chosen : (sets[0] ?? 'musique');
  const rows = methodNames.flatMap((method) => rowIn(all, method, set) ?? []);
  const hops = [...new Set(rows.flatMap(({ byHops = {} }) => Object.keys(byHops)))].sort();
  return (
    <section aria-labelledby="hops">
      <div className={styles.head}>
        <h2 id="hops">
          By <Term name="hops">hops</Term>
        </h2>
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
        <Figure
          name={`right-answers-by-hops-${set}`}
          caption={
            <p className={styles.unit}>
              <Term name="exactMatch">Right answers</Term>, and their{' '}
              <Term name="interval">95{'\u202f'}% interval</Term>
            </p>
          }
          table={() => ({
            columns: ['method', 'hops', 'questions', 'right answers', 'low', 'high'],
            rows: rows.flatMap(({ method, byHops = {} }) =>
              Object.entries(byHops).map(([count, { n, em, ci95 }]) => [
                methodLabels[method],
                count,
                n,
                em,
                ...ci95,
              ]),
            ),
          })}
        >
          <ScoreTable
            label="Right answers by hops"
            columns={hops.map((count) => ({
              key: count,
              head: `${count} ${count === '1' ? 'hop' : 'hops'}`,
              words: counted(rows[0]?.byHops?.[count]?.n ?? 0, 'question', 'questions'),
            }))}
            rows={methodRows(rows.map(({ method }) => method))}
            cell={(method, count) => {
              const of = rows.find((row) => row.method === method)?.byHops?.[count];
              return (
                of !== undefined && (
                  <span className={styles.cell}>
                    <b>{percent(of.em)}</b> <small>{percentRange(...of.ci95)}</small>
                    <Interval value={of.em} low={of.ci95[0]} high={of.ci95[1]} />
                  </span>
                )
              );
            }}
          />
        </Figure>
      )}
    </section>
  );
}
