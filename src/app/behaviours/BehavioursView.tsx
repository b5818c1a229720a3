import { Term } from '../components/Term.tsx';
import { RecordedTag } from '../components/RecordedTag.tsx';
import { hrefTo } from '../routing/hashLocation.ts';
import { useApp } from '../store/store.ts';
import { useRun, useShownUpdate } from '../store/useRun.ts';
import { Cards } from './Cards.tsx';
import { Chosen } from './Chosen.tsx';
import { Seen } from './Seen.tsx';
import { SideBySide } from './SideBySide.tsx';
import { Story } from './Story.tsx';
import styles from './BehavioursView.module.css';

/** What the policy does on its way, as it rises and falls over a run; and the rollouts behind every point. */
export default function BehavioursView() {
  const run = useRun();
  const update = useShownUpdate(run);
  const name = useApp((state) => state.behaviour);
  const missing = useApp((state) => state.recorded.status === 'missing');
  return (
    <div className={styles.view}>
      <header className={styles.head}>
        <h1>Behaviours over training</h1>
        {run !== undefined && <Story run={run} />}
        <p>
          <Term name="share">Share</Term> of each update’s rollouts that show a behaviour. None of them is
          rewarded: only the answer is.{' '}
          {run?.source === 'recorded' && <RecordedTag command={run.command ?? ''} seed={run.recipe.seed} />}
          {run?.source === 'live' && 'The run in this tab.'}
        </p>
      </header>
      {run === undefined ? (
        <p>
          {missing ? 'No recorded run to show, and none in this tab. ' : 'No run in this tab yet. '}
          <a href={hrefTo('/train')}>Train one</a>.
        </p>
      ) : (
        <>
          <Cards run={run} name={name} />
          <Chosen run={run} update={update} name={name} />
          {update !== undefined && <Seen key={`${name} ${update.step}`} update={update} name={name} />}
          <SideBySide run={run} update={update} />
        </>
      )}
    </div>
  );
}
