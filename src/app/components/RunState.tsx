import { BackendWhy } from './BackendWhy.tsx';
import { compact, counted, duration, megabytes, percent } from './format.ts';
import type { UpdatePhase } from '../../lab/protocol.ts';
import type { Recipe } from '../../lab/recipe.ts';
import type { HeldPhase } from '../../lab/runFinding.ts';
import type { LabState } from '../store/labState.ts';
import { useApp } from '../store/store.ts';
import { Term } from './Term.tsx';
import styles from './RunState.module.css';

const phases: Readonly<Record<UpdatePhase, string>> = {
  rollouts: 'rolling out',
  gradient: 'gradient',
  evaluation: 'evaluating',
};

const held: Readonly<Record<HeldPhase, string>> = {
  rollouts: 'rollouts and rewards',
  advantage: 'advantages',
  objective: 'objective',
  gradient: 'gradient',
  update: 'update',
  moved: 'what moved',
};

/** Updates whose times the estimate of what is left is taken from. */
const recent = 5;

/** What the run in this tab is doing, how fast, on what, and how long it has to go. */
export function RunState() {
  const lab = useApp((state) => state.lab);
  const recipe = useApp((state) => state.recipe);
  const { info } = lab;
  const last = lab.steps.at(-1);
  const left = secondsLeft(lab);
  return (
    <div className={styles.state} data-run-state="" data-figures="">
      <p>
        <i className={`${styles.dot} ${lab.run === 'running' ? styles.on : ''}`} aria-hidden="true" />
        {stateWords(lab)}
        {left !== undefined && (
          <>
            {' · '}
            <Term name="timeLeft">about {duration(left)} left</Term>
          </>
        )}
      </p>
      {lab.phase !== undefined && lab.run === 'running' && (
        <progress
          className={styles.progress}
          value={lab.phase.done}
          max={Math.max(lab.phase.total, 1)}
          aria-label={`${phases[lab.phase.phase]}, update ${lab.phase.step}`}
        />
      )}
      {lab.run === 'loading' && lab.progress !== undefined && (
        <progress
          className={styles.progress}
          value={lab.progress.done}
          max={Math.max(lab.progress.total, 1)}
          aria-label={lab.progress.what}
        />
      )}
      {info === undefined ? (
        <p className={styles.quiet}>{lab.run === 'idle' && planned(recipe)}</p>
      ) : (
        <p className={styles.quiet}>
          <Term name="backend">{info.backendLabel}</Term>
          {info.notice !== undefined && (
            <span>
              (<BackendWhy reason={info.notice} />)
            </span>
          )}
          <Term name="parameters">{compact(info.parameters)} parameters</Term>
          <Term name="memory">{megabytes(info.memoryBytes)}</Term>
          {last !== undefined && last.secondsRollout + last.secondsTrain > 0 && (
            <Term name="speed">
              {compact(
                (last.tokensGenerated + last.tokensTrained) / (last.secondsRollout + last.secondsTrain),
              )}{' '}
              tokens/s
            </Term>
          )}
        </p>
      )}
    </div>
  );
}

/** How large a run of the recipe is; its place is that of the engine's facts once it is loaded. */
function planned({ grpo }: Recipe): string {
  const updates = counted(grpo.steps, 'update', 'updates');
  const groups = counted(grpo.questions, 'question', 'questions');
  return `The recipe: ${updates}, each of ${groups} with ${counted(grpo.groupSize, 'rollout', 'rollouts')}`;
}

function stateWords(lab: LabState): string {
  const total = lab.recipe?.grpo.steps ?? 0;
  const done = lab.steps.at(-1)?.step ?? 0;
  switch (lab.run) {
    case 'idle':
      return 'Nothing runs yet; nothing has been downloaded.';
    case 'loading':
      return lab.progress === undefined
        ? 'Loading the engine…'
        : `Loading: ${lab.progress.what}${lab.progress.total > 0 ? `, ${percent(lab.progress.done / lab.progress.total)}` : ''}`;
    case 'ready':
      return 'Ready.';
    case 'running': {
      const phase = lab.phase === undefined ? '' : ` · ${phases[lab.phase.phase]}`;
      if (lab.phase?.phase === 'evaluation') return `Update ${done} of ${total}${phase}`;
      return `Update ${Math.min(done + 1, total)} of ${total}${phase}`;
    }
    case 'pausing':
      return 'Finishing what is under way…';
    case 'paused':
      if (lab.watched?.done === false)
        return `Update ${lab.watched.step} is held after: ${held[lab.watched.reached]}.`;
      return `Paused after update ${done} of ${total}.`;
    case 'done':
      return `Done: ${done} of ${total} updates.`;
    case 'failed':
      return failedWords(lab, done, total);
  }
}

/** Where the run broke off; why, unless a notice says that. */
function failedWords({ detail, notices }: LabState, done: number, total: number): string {
  const where =
    done === 0 ? 'Broken off before the first update.' : `Broken off after update ${done} of ${total}.`;
  const isTold = detail === undefined || notices.some(({ message }) => message === detail);
  return isTold ? where : `${where} ${detail}`;
}

/** Seconds that the updates to come will take, while the run goes on; undefined where nothing is known yet. */
function secondsLeft({ run, phase, steps, recipe }: LabState): number | undefined {
  const rows = steps.slice(-recent);
  const last = rows.at(-1);
  if (run !== 'running' || phase?.phase === 'evaluation') return undefined;
  if (last === undefined || recipe === undefined) return undefined;
  const mean = rows.reduce((sum, row) => sum + row.secondsRollout + row.secondsTrain, 0) / rows.length;
  return mean * Math.max(recipe.grpo.steps - last.step, 0);
}
