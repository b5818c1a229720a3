import type { StepMetrics } from '../../lab/protocol.ts';
import { Figure } from '../components/figure/Figure.tsx';
import { fixed, percent } from '../components/format.ts';
import { RecordedTag } from '../components/RecordedTag.tsx';
import { Turns } from '../components/rollout/Turns.tsx';
import { Sparkline } from '../components/Sparkline.tsx';
import { selfCorrection } from './lessons.ts';
import { Predict } from './Predict.tsx';
import { useRecordedRun } from './recordedRun.ts';
import { useScrolled } from './useScrolled.ts';
import styles from './chapters.module.css';

const mean = (rows: readonly StepMetrics[], of: (row: StepMetrics) => number): number =>
  rows.reduce((sum, row) => sum + of(row), 0) / Math.max(rows.length, 1);

/** Self-correction rises unasked; what it draws from, the policy’s openness, is used up on the way. */
export function CollapseChapter() {
  const run = useRecordedRun();
  const [asked, scrolled] = useScrolled();
  if (run === undefined) return <p className={styles.wait}>Reading the recorded run…</p>;
  const { steps } = run;
  // The run goes by as the reader scrolls.
  const drawn = steps.slice(0, Math.max(1, Math.round(scrolled * steps.length)));
  // Single batches scatter; tenths of the run stand for its beginning and its end.
  const tenth = Math.max(1, Math.floor(steps.length / 10));
  const [first, last] = [steps.slice(0, tenth), steps.slice(-tenth)];
  const corrections = [
    mean(first, (row) => row.selfCorrections),
    mean(last, (row) => row.selfCorrections),
  ] as const;
  const entropy = [mean(first, (row) => row.entropy), mean(last, (row) => row.entropy)] as const;
  const highest = Math.max(...steps.map((row) => row.entropy), 1e-6);
  const rose = corrections[1] > corrections[0];
  const trace = selfCorrection(run);
  return (
    <Predict
      asked={asked}
      question="No step is ever rewarded, only the answer. Does “I made a mistake”, and another search, become more common or rarer?"
      options={['Rarer: it costs tokens', 'More common', 'As common as before']}
      right={rose ? 1 : corrections[1] < corrections[0] ? 0 : 2}
      outcome={
        <>
          From {percent(corrections[0])} of rollouts to {percent(corrections[1])}. Where a first search can
          bring the wrong page, rollouts that look again answer right more often, and what they wrote on the
          way is made likelier with the answer. Meanwhile the policy’s entropy went from {fixed(entropy[0])}{' '}
          to {fixed(entropy[1])} nats a token: it has grown certain. Once all rollouts of a group are alike,
          their rewards are too, and chapter 4 says what is learned then. That is collapse.
        </>
      }
    >
      <div className={styles.pair}>
        <Figure
          name="self-corrections"
          caption={<p className={styles.caption}>Self-corrections, share of rollouts of a batch</p>}
          table={() => ({
            columns: ['update', 'self-corrections'],
            rows: steps.map((row) => [row.step, row.selfCorrections]),
          })}
        >
          <Sparkline
            values={drawn.map((row) => row.selfCorrections)}
            total={steps.length}
            label={`Self-corrections over ${steps.length} updates, from ${percent(corrections[0])} to ${percent(corrections[1])}`}
          />
        </Figure>
        <Figure
          name="entropy"
          caption={
            <p className={styles.caption}>
              Entropy, as a share of its highest, {fixed(highest)} nats a token
            </p>
          }
          table={() => ({
            columns: ['update', 'entropy in nats'],
            rows: steps.map((row) => [row.step, row.entropy]),
          })}
        >
          <Sparkline
            values={drawn.map((row) => row.entropy / highest)}
            total={steps.length}
            label={`Entropy over ${steps.length} updates, from ${fixed(entropy[0])} to ${fixed(entropy[1])} nats a token`}
          />
        </Figure>
      </div>
      <p className={`${styles.caption} ${styles.below}`}>
        <RecordedTag command={run.command} seed={run.recipe.seed} />
      </p>
      {trace !== undefined && (
        <>
          <p className={styles.question}>{trace.question.text}</p>
          <div className={styles.turns}>
            <Turns trace={trace} label="A rollout that corrects itself" colour="none" goldMarked={false} />
          </div>
        </>
      )}
    </Predict>
  );
}
