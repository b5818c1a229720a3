import { canShow, phases, type Phase, type UpdateRecord } from '../store/updateRecord.ts';
import { useApp } from '../store/store.ts';
import styles from './PhaseSteps.module.css';

const words: Readonly<Record<Phase, string>> = {
  rollouts: 'Rollouts',
  reward: 'Reward',
  advantage: 'Advantage',
  objective: 'Objective',
  gradient: 'Gradient',
  update: 'Update',
  moved: 'What moved',
};

/** The phases in a row: those that can be looked at are buttons, the one on the screen is marked. */
export function PhaseSteps({ record, shown }: { readonly record: UpdateRecord; readonly shown: Phase }) {
  const setView = useApp((state) => state.setView);
  return (
    <nav aria-label="Phases of the update">
      <ol className={styles.steps}>
        {phases.map((phase, i) => (
          <li key={phase}>
            <button
              type="button"
              className={phase === shown ? styles.now : undefined}
              aria-current={phase === shown ? 'step' : undefined}
              disabled={!canShow(record, phase)}
              onClick={() => setView({ phase, slow: false })}
            >
              <small>{i + 1}</small> {words[phase]}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
