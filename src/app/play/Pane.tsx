import { useState, type ReactNode } from 'react';
import { askAlternatives } from '../worker/asking.ts';
import { Button } from '../components/Button.tsx';
import { Strip } from '../components/Strip.tsx';
import { stripWords } from '../components/stripParts.ts';
import { rewardSentence } from '../components/rewardWords.ts';
import { fixed } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import { Turns } from '../components/rollout/Turns.tsx';
import type { PolicyChoice } from '../../lab/protocol.ts';
import type { Trace } from '../../traces/trace.ts';
import { verdict } from '../../traces/verdict.ts';
import { useApp } from '../store/store.ts';
import styles from './Pane.module.css';

interface PaneProps {
  readonly title: string;
  readonly about: ReactNode;
  readonly trace: Trace | undefined;
  readonly streaming: boolean;
  /** Tokens of the strips' full width. */
  readonly scale: number;
  /** Said while there is no trace yet. */
  readonly waiting: ReactNode;
  /** Why a rollout that had begun broke off. */
  readonly problem?: string | undefined;
  /** The live policy that can say what else was likely; absent for recorded rollouts. */
  readonly policy?: PolicyChoice;
  /** Goes to where another token of it can be taken, of those given; absent where no live policy can go on. */
  readonly onFork?: ((token?: number) => void) | undefined;
}

/** One policy's rollout on the question: its strip, its turns, its reward and why. */
export function Pane({ title, about, trace, streaming, scale, waiting, problem, policy, onFork }: PaneProps) {
  const colour = useApp((state) => state.tokenColour);
  const goldMarked = useApp((state) => state.goldMarked);
  const writing = streaming && problem === undefined;
  return (
    <section className={styles.pane} aria-label={title}>
      <h2>
        {title} <em>{about}</em>
      </h2>
      {trace === undefined ? (
        <p className={styles.waiting}>{waiting}</p>
      ) : (
        <>
          <div className={styles.strip}>
            <Strip trace={trace} scale={scale} tall />
            <span className="visuallyHidden">{stripWords(trace)}</span>
          </div>
          {policy === undefined || writing ? (
            <Turns trace={trace} label={title} streaming={writing} colour={colour} goldMarked={goldMarked} />
          ) : (
            <LiveTurns trace={trace} label={title} policy={policy} onPick={onFork} />
          )}
          {!streaming && <RewardLine trace={trace} />}
          {!streaming && onFork !== undefined && (
            <p className={styles.fork}>
              <Button onClick={() => onFork()} aria-label={`Fork: ${title}`}>
                Fork
              </Button>{' '}
              or click a token: take another there, and a policy goes on.
            </p>
          )}
          {problem !== undefined && (
            <p className={styles.waiting} role="alert">
              It broke off here. {problem}
            </p>
          )}
        </>
      )}
    </section>
  );
}

interface LiveTurnsProps {
  readonly trace: Trace;
  readonly label: string;
  readonly policy: PolicyChoice;
  /** Takes a token that was clicked to where another can stand in its place. */
  readonly onPick: ((token: number) => void) | undefined;
}

/** Turns that can ask the live policy what else it would have said. */
function LiveTurns({ trace, label, policy, onPick }: LiveTurnsProps) {
  const colour = useApp((state) => state.tokenColour);
  const goldMarked = useApp((state) => state.goldMarked);
  const known = useApp((state) => state.lab.alternatives);
  const [ids, setIds] = useState<Readonly<Record<number, number>>>({});
  return (
    <Turns
      trace={trace}
      label={label}
      colour={colour}
      goldMarked={goldMarked}
      {...(onPick !== undefined && { onPick })}
      alternativesAt={(index) => known[ids[index] ?? -1]}
      onToken={(index) => {
        const asked = ids[index];
        if (asked !== undefined && known[asked] !== undefined) return;
        const prefix = [...trace.prompt.ids, ...trace.tokens.ids.slice(0, index)];
        const id = askAlternatives(prefix, policy);
        if (id !== undefined) setIds({ ...ids, [index]: id });
      }}
    />
  );
}

function RewardLine({ trace }: { readonly trace: Trace }) {
  const { reward, behaviours } = trace;
  if (trace.stop === 'aborted') return <p className={styles.waiting}>Stopped here.</p>;
  const corrected = behaviours?.includes('self-correction') === true;
  const how = verdict(trace);
  return (
    <div className={styles.reward}>
      {reward !== undefined && how !== 'unscored' && (
        <p className={`${styles.value} ${how === 'right' || how === 'partly' ? styles.good : styles.bad}`}>
          {fixed(reward.value)}
          <small>
            <Term name="reward">reward</Term>
          </small>
        </p>
      )}
      <p className={styles.why}>{rewardSentence(trace)}</p>
      {corrected && (
        <p className={styles.note}>
          <b>Self-correction.</b> It says that it went wrong, searches anew, and gets a page it needs.
        </p>
      )}
    </div>
  );
}
