import { lazy, Suspense } from 'react';
import { fixed, percent } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import type { TermName } from '../components/terms.ts';
import type { Scores } from '../../lab/protocol.ts';
import { mainScores, type RunView } from '../store/runView.ts';
import styles from './Results.module.css';

// Recharts is a chunk of its own; most visits never see a finished evaluation.
const HopsFigure = lazy(() => import('./HopsFigure.tsx'));

interface Row {
  readonly name: string;
  readonly term: TermName;
  readonly of: (scores: Scores) => string;
}

const rows: readonly Row[] = [
  { name: 'Right answers, greedy', term: 'exactMatch', of: (scores) => percent(scores.em) },
  { name: 'Right answers, sampled', term: 'exactMatch', of: (scores) => percent(scores.emSampled) },
  { name: 'F1', term: 'f1', of: (scores) => fixed(scores.f1) },
  { name: 'Reward', term: 'reward', of: (scores) => fixed(scores.reward) },
  { name: 'Searches a rollout', term: 'searches', of: (scores) => fixed(scores.searches, 1) },
  { name: 'Response tokens', term: 'responseTokens', of: (scores) => fixed(scores.responseTokens, 0) },
  { name: 'Self-corrections', term: 'selfCorrection', of: (scores) => percent(scores.selfCorrections) },
];

/** Before and after on a world never trained on, once both are measured. */
export function Results({ run }: { readonly run: RunView }) {
  const before = mainScores(run.evaluations.find(({ when }) => when === 'before')?.scores ?? {});
  const after = mainScores(run.evaluations.findLast(({ when }) => when === 'after')?.scores ?? {});
  if (before === undefined || after === undefined) return null;
  return (
    <section className={styles.results} aria-labelledby="results">
      <h2 id="results">
        Before and after <em>{after.n} questions of a world never trained on</em>
      </h2>
      <div className={styles.two}>
        <table>
          <thead>
            <tr>
              <td />
              <th scope="col">before</th>
              <th scope="col">after</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">
                  <Term name={row.term}>{row.name}</Term>
                </th>
                <td>{row.of(before)}</td>
                <td>
                  <b>{row.of(after)}</b>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {after.emByHops !== undefined && (
          <Suspense fallback={null}>
            <HopsFigure before={before} after={after} />
          </Suspense>
        )}
      </div>
    </section>
  );
}
