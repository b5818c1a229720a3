import { RecordedTag } from '../components/RecordedTag.tsx';
import { counted, duration } from '../components/format.ts';
import { useApp } from '../store/store.ts';
import styles from './Lede.module.css';

/** The story in one sentence, then how to read what stands below; figures are those of the run on the screen. */
export function Lede() {
  return (
    <header className={styles.lede}>
      <h1>It was born a guesser. No search was ever rewarded: only answers were.</h1>
      <Sub />
    </header>
  );
}

function Sub() {
  const recorded = useApp((state) => state.recorded);
  const asked = useApp((state) => state.asked);
  if (asked !== undefined) {
    return (
      <p>
        Before: the policy as it was pretrained. After:{' '}
        {asked.other === 'current'
          ? `the one in this tab, ${counted(asked.step ?? 0, 'update', 'updates')} later`
          : 'the shipped one, trained by GRPO'}
        . Same question, same dice, answering now in this tab. A right answer pays its F1, a wrong but
        well-formed one 0.1, a broken one nothing.
      </p>
    );
  }
  if (recorded.status !== 'ready') {
    return (
      <p>
        A small policy that guesses, and the same one after GRPO: ask both the same question, with the same
        dice. A right answer pays its F1, a wrong but well-formed one 0.1, a broken one nothing. Everything
        runs in this tab.
      </p>
    );
  }
  const { run } = recorded;
  const seconds = run.steps.reduce((sum, step) => sum + step.secondsRollout + step.secondsTrain, 0);
  return (
    <p>
      Before: the policy as it was pretrained. After: {counted(run.steps.length, 'update', 'updates')} of
      GRPO, {duration(seconds)} on {run.backend}. Same question, same dice. A right answer paid its F1, a
      wrong but well-formed one 0.1, a broken one nothing.{' '}
      <RecordedTag command={run.command} seed={run.recipe.seed} />
    </p>
  );
}
