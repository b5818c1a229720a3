import { AdvantageBar } from '../components/AdvantageBar.tsx';
import { Button } from '../components/Button.tsx';
import { fixed } from '../components/format.ts';
import { Strip } from '../components/Strip.tsx';
import { stripWords } from '../components/stripParts.ts';
import { forkKey } from '../store/fork.ts';
import { openRollout, type RolloutEntry } from '../store/rolloutList.ts';
import { useApp } from '../store/store.ts';
import { dropFork } from '../worker/forking.ts';
import styles from './Beside.module.css';

interface BesideProps {
  readonly entry: RolloutEntry;
  readonly scale: number;
}

/** The others of the group, and forks of this rollout: to read, or to put beside it. */
export function Beside({ entry, scale }: BesideProps) {
  const beside = useApp((state) => state.beside);
  const { entries } = entry.group;
  const { setRollouts } = useApp.getState();
  if (entries.length < 2) return null;
  return (
    <ul className={styles.mates} aria-label="Rollouts of the group">
      {entries.map((mate) => {
        const here = mate === entry;
        const { trace, place } = mate;
        const reward = trace.reward === undefined ? '–' : fixed(trace.reward.value);
        return (
          <li key={mate.key} className={here ? styles.here : undefined}>
            <button
              type="button"
              className={styles.mate}
              aria-current={here ? 'true' : undefined}
              aria-label={`Read rollout ${place + 1}: ${stripWords(trace)}; reward ${reward}`}
              onClick={() => openRollout(useApp.getState(), mate)}
            >
              <Strip trace={trace} scale={scale} />
              <span>{reward}</span>
              <AdvantageBar value={trace.advantage} />
            </button>
            {here ? (
              <span className={styles.this}>this one</span>
            ) : (
              <button
                type="button"
                className={styles.put}
                aria-pressed={beside === mate.key}
                aria-label={`Put rollout ${place + 1} beside it`}
                onClick={() => setRollouts({ beside: beside === mate.key ? undefined : mate.key })}
              >
                beside
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Forks made of a rollout in this tab. */
export function Forks({ entry, scale }: BesideProps) {
  const all = useApp((state) => state.forks);
  const plays = useApp((state) => state.lab.plays);
  const beside = useApp((state) => state.beside);
  const { setRollouts } = useApp.getState();
  const forks = all.filter(({ of }) => of === entry.key);
  if (forks.length === 0) return null;
  return (
    <ul className={styles.mates} aria-label="Forks of this rollout">
      {forks.map((fork) => {
        const trace = plays[fork.id]?.trace;
        const key = forkKey(fork.id);
        return (
          <li key={fork.id}>
            <button
              type="button"
              className={styles.fork}
              aria-pressed={beside === key}
              onClick={() => setRollouts({ beside: beside === key ? undefined : key, token: fork.at })}
            >
              <span>
                token {fork.at + 1} → <code>{fork.token.text.trim() || '␣'}</code>
                {trace?.reward !== undefined && <b> {fixed(trace.reward.value)}</b>}
              </span>
              {trace !== undefined && <Strip trace={trace} scale={scale} />}
              <small>{fork.policyWords}</small>
            </button>
            <Button
              look="quiet"
              aria-label={`Remove the fork at token ${fork.at + 1}`}
              onClick={() => dropFork(fork.id)}
            >
              ×
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
