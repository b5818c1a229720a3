import { counted } from '../components/format.ts';
import { RecordedTag } from '../components/RecordedTag.tsx';
import { Turns } from '../components/rollout/Turns.tsx';
import { Strip } from '../components/Strip.tsx';
import { hrefTo } from '../routing/hashLocation.ts';
import { Predict } from './Predict.tsx';
import { useRecordedRun } from './recordedRun.ts';
import styles from './chapters.module.css';

/** A rollout that searches: what the policy wrote, and what was put in. */
export function SearchChapter() {
  const run = useRecordedRun();
  const trace =
    run?.pairs.find(({ trained }) => trained.searches.length > 1 && trained.reward?.em === 1)?.trained ??
    run?.pairs[0]?.trained;
  if (run === undefined || trace === undefined)
    return <p className={styles.wait}>Reading the recorded run…</p>;
  const { generated } = trace.tokens;
  const own = generated.filter((written) => written).length;
  return (
    <Predict
      question="A search brings a passage, and the passage becomes part of the text that the policy goes on from. Does the update push the passage’s words too?"
      options={[
        'Yes, all words of a good rollout',
        'No, only what the policy wrote',
        'Only the sentence with the answer',
      ]}
      right={1}
      outcome={
        <>
          {own} of these {counted(generated.length, 'token', 'tokens')} are the policy’s; the rest came from
          the index and are masked. To search is to write a query between two tags and stop: a few tokens like
          any others, so the reward of the answer reaches them too.
        </>
      }
    >
      <p className={styles.caption}>
        <RecordedTag command={run.command} seed={run.recipe.seed} />{' '}
        <a href={hrefTo('/corpus')}>Search in an index yourself, under Corpus</a>
      </p>
      <p className={styles.question}>{trace.question.text}</p>
      <Strip trace={trace} scale={generated.length} tall />
      <div className={styles.turns}>
        <Turns trace={trace} label="A rollout that searches" colour="none" goldMarked={false} />
      </div>
    </Predict>
  );
}
