import { lazy, Suspense } from 'react';
import { ActionButton } from '../actions/ActionButton.tsx';
import { actions } from '../actions/registry.ts';
import { counted, percent } from '../components/format.ts';
import { Part } from '../components/Part.tsx';
import { RecordedTag } from '../components/RecordedTag.tsx';
import type { Trace } from '../../traces/trace.ts';
import type { PlayRollout } from '../store/labState.ts';
import { useApp } from '../store/store.ts';
import { forkAnswer } from './forkAnswer.ts';
import { Pane } from './Pane.tsx';
import styles from './Panes.module.css';

const WebllmPane = lazy(() => import('./WebllmPane.tsx'));

/** Before and after, side by side: recorded until something is asked, live from then on. A larger model beside them. */
export function Panes() {
  const asked = useApp((state) => state.asked);
  // What is below stands where it will once the recorded pair has come.
  const awaited = useApp(
    ({ recorded: { status } }) => asked === undefined && (status === 'unread' || status === 'reading'),
  );
  const larger = useApp((state) => state.lab.webllm.status === 'ready') || asked?.webllm !== undefined;
  return (
    <div className={larger ? `${styles.two} ${styles.three}` : styles.two} aria-busy={awaited}>
      {asked === undefined ? <RecordedPanes /> : <LivePanes />}
      {larger && (
        <Suspense fallback={null}>
          <WebllmPane scale={40} />
        </Suspense>
      )}
    </div>
  );
}

const longest = (...traces: readonly (Trace | undefined)[]): number =>
  Math.max(40, ...traces.map((trace) => trace?.tokens.ids.length ?? 0));

function RecordedPanes() {
  const recorded = useApp((state) => state.recorded);
  const pair = useApp((state) =>
    state.recorded.status === 'ready' ? state.recorded.run.pairs[state.pair] : undefined,
  );
  if (recorded.status !== 'ready' || pair === undefined) {
    const waiting =
      recorded.status === 'unread' || recorded.status === 'reading'
        ? 'Reading a recorded example…'
        : 'Ask a question: the engine loads then, and both policies answer in this tab.';
    return (
      <>
        <Pane
          title="Before"
          about="as pretrained"
          trace={undefined}
          streaming={false}
          scale={40}
          waiting={waiting}
        />
        <Part name="after">
          <Pane
            title="After"
            about="trained by GRPO"
            trace={undefined}
            streaming={false}
            scale={40}
            waiting={waiting}
          />
        </Part>
      </>
    );
  }
  const { run } = recorded;
  const scale = longest(pair.base, pair.trained);
  const tag = <RecordedTag command={run.command} seed={run.recipe.seed} />;
  return (
    <>
      <Pane
        title="Before"
        about={<>update 0 {tag}</>}
        trace={pair.base}
        streaming={false}
        scale={scale}
        waiting={null}
      />
      <Part name="after">
        <Pane
          title="After"
          about={
            <>
              update {run.steps.length} {tag}
            </>
          }
          trace={pair.trained}
          streaming={false}
          scale={scale}
          waiting={null}
        />
      </Part>
    </>
  );
}

function LivePanes() {
  const asked = useApp((state) => state.asked);
  const plays = useApp((state) => state.lab.plays);
  const hasTrained = useApp((state) => state.lab.info?.hasTrained);
  const notices = useApp((state) => state.lab.notices);
  if (asked === undefined) return null;
  const base = plays[asked.baseId];
  const other = plays[asked.otherId];
  const scale = longest(base?.trace, other?.trace);
  const problemOf = (id: number) => notices.findLast((notice) => notice.id === id)?.message;
  // Both, once both are written: the one that is read has the other beside it.
  const answers = [base, other].flatMap((play) => (play?.done === true ? [play.trace] : []));
  const settled = base?.done !== false && other?.done !== false;
  const forkOf = (play: PlayRollout | undefined) =>
    play?.done === true && settled ? (token?: number) => forkAnswer(play.trace, answers, token) : undefined;
  const none = asked.other === 'trained' && hasTrained === false;
  return (
    <>
      <Pane
        title="Before"
        about="as pretrained, live in this tab"
        trace={base?.trace}
        streaming={base?.done === false}
        scale={scale}
        waiting={<Waiting id={asked.baseId} />}
        problem={problemOf(asked.baseId)}
        onFork={forkOf(base)}
        policy="base"
      />
      <Part name="after">
        <Pane
          title="After"
          about={
            asked.other === 'current'
              ? `${counted(asked.step ?? 0, 'update', 'updates')} in this tab, live`
              : 'the shipped trained policy, live in this tab'
          }
          trace={other?.trace}
          streaming={other?.done === false}
          scale={scale}
          waiting={none ? <NoneTrained /> : <Waiting id={asked.otherId} />}
          problem={problemOf(asked.otherId)}
          onFork={forkOf(other)}
          policy={asked.other}
        />
      </Part>
    </>
  );
}

function NoneTrained() {
  return (
    <>
      No trained policy is shipped with this page. Make one: <ActionButton action={actions.trainHere} />
    </>
  );
}

/** What is being waited for, or why it will not come. */
function Waiting({ id }: { readonly id: number }) {
  const run = useApp((state) => state.lab.run);
  const progress = useApp((state) => state.lab.progress);
  const notice = useApp((state) => state.lab.notices.findLast((candidate) => candidate.id === id));
  const stopped = useApp((state) => state.lab.cancelled.includes(id));
  if (notice !== undefined) return <span role="alert">{notice.message}</span>;
  if (stopped) return 'Stopped before its first word.';
  if (run === 'failed') return 'The engine could not be loaded; the notice above says why.';
  if (run === 'loading' && progress !== undefined) {
    const done = progress.total > 0 ? `, ${percent(progress.done / progress.total)}` : '';
    return `Loading: ${progress.what}${done}…`;
  }
  return run === 'running' ? 'Waiting for a gap in the training run…' : 'Getting ready…';
}
