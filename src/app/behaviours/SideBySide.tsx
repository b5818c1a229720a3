import { useEffect, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { RecordedTag } from '../components/RecordedTag.tsx';
import type { KeptUpdate } from '../store/labState.ts';
import type { RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { askBothInRun, cancelInRun, type AskedInRun } from '../worker/askingInRun.ts';
import { rolloutsOf } from './showing.ts';
import { Side } from './Side.tsx';
import styles from './SideBySide.module.css';

interface SideBySideProps {
  readonly run: RunView;
  readonly update: KeptUpdate | undefined;
}

/** The policy before the run and after it on the same question and seed: recorded pairs, or asked in this tab. */
export function SideBySide({ run, update }: SideBySideProps) {
  if (run.source === 'recorded') return <RecordedPairs />;
  return update === undefined ? null : <LivePair run={run} update={update} />;
}

function RecordedPairs() {
  const recorded = useApp((state) => state.recorded);
  const [at, setAt] = useState(0);
  if (recorded.status !== 'ready') return null;
  const { pairs, recipe, command, steps } = recorded.run;
  const pair = pairs[at];
  if (pair === undefined) return null;
  const move = (by: number): void => setAt((at + by + pairs.length) % pairs.length);
  return (
    <section className={styles.section} aria-labelledby="side-by-side">
      <div className={styles.head}>
        <h2 id="side-by-side">
          Before and after, same question and seed <RecordedTag command={command} seed={recipe.seed} />
        </h2>
        {pairs.length > 1 && (
          <span className={styles.move}>
            <Button look="quiet" aria-label="Earlier question" onClick={() => move(-1)}>
              ‹
            </Button>
            {at + 1} of {pairs.length}
            <Button look="quiet" aria-label="Next question" onClick={() => move(1)}>
              ›
            </Button>
          </span>
        )}
      </div>
      <Question text={pair.question.text} gold={pair.question.golds[0]} />
      <div className={styles.two}>
        <Side title="Before" about="update 0, greedy" trace={pair.base} />
        <Side title="After" about={`update ${steps.length}, greedy`} trace={pair.trained} />
      </div>
    </section>
  );
}

function LivePair({ run, update }: { readonly run: RunView; readonly update: KeptUpdate }) {
  const open = useApp((state) => state.open);
  const plays = useApp((state) => state.lab.plays);
  const notices = useApp((state) => state.lab.notices);
  const [asked, setAsked] = useState<AskedInRun>();
  useEffect(() => (asked === undefined ? undefined : () => cancelInRun(asked)), [asked]);
  const opened = rolloutsOf(update).find(
    ({ group, rollout }) => group.group === open?.group && rollout === open.rollout,
  );
  const problemOf = (id: number) => notices.findLast((notice) => notice.id === id)?.message;
  return (
    <section className={styles.section} aria-labelledby="side-by-side">
      <div className={styles.head}>
        <h2 id="side-by-side">Before and now, same question and seed</h2>
        <Button
          disabled={opened === undefined}
          onClick={() => {
            if (opened !== undefined) setAsked(askBothInRun(run, update.step, opened.group, opened.trace));
          }}
        >
          Ask both
        </Button>
      </div>
      {asked === undefined ? (
        <p className={styles.about}>
          {opened === undefined
            ? 'Open a rollout above; its question can then be put to the policy as pretrained and as it is now.'
            : 'Puts the opened rollout’s question to the policy as pretrained and as it is now, in the world it searched.'}
        </p>
      ) : (
        <>
          <Question text={asked.question.text} gold={asked.question.golds[0]} />
          <div className={styles.two}>
            <Side
              title="Before"
              about={`as pretrained, seed ${asked.seed}`}
              trace={plays[asked.baseId]?.trace}
              streaming={plays[asked.baseId]?.done === false}
              problem={problemOf(asked.baseId)}
            />
            <Side
              title="Now"
              about={`${asked.other === 'current' ? 'this tab’s run' : 'the shipped trained policy'}, seed ${asked.seed}`}
              trace={plays[asked.otherId]?.trace}
              streaming={plays[asked.otherId]?.done === false}
              problem={problemOf(asked.otherId)}
            />
          </div>
        </>
      )}
    </section>
  );
}

function Question({ text, gold }: { readonly text: string; readonly gold: string | undefined }) {
  return (
    <p className={styles.question}>
      {text} {gold !== undefined && <small>right: {gold}</small>}
    </p>
  );
}
