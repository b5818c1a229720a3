import type { KeepJob } from '../../../lab/keeping/keepProtocol.ts';
import { useApp } from '../../store/store.ts';
import { stopKeeping } from '../../worker/keeping.ts';
import { Button } from '../Button.tsx';
import { duration, grouped } from '../format.ts';
import { bytesText } from '../models/bytes.ts';
import styles from './KeptCorpora.module.css';

/** What is being imported or indexed, how far it is, and the way to stop it. */
export function KeptJob() {
  const job = useApp((state) => state.keeping.job);
  if (job === undefined) return null;
  const [done, total] = job.kind === 'import' ? [job.bytes, job.totalBytes] : [job.done, job.total];
  return (
    <div className={styles.job}>
      <progress value={done} max={total} aria-label="Progress" />
      <p role="status">{words(job)}</p>
      <Button look="quiet" onClick={stopKeeping}>
        {job.kind === 'import' ? 'Stop and throw away' : 'Stop here'}
      </Button>
    </div>
  );
}

function words(job: KeepJob): string {
  switch (job.kind) {
    case 'import':
      return `Importing ${job.name}: ${grouped(job.passages)} passages, ${bytesText(job.bytes)} of ${bytesText(job.totalBytes)}`;
    case 'index': {
      const pace =
        job.rate === undefined || job.secondsLeft === undefined
          ? ''
          : `, ${job.rate < 10 ? job.rate.toFixed(1) : grouped(Math.round(job.rate))} a second, ${duration(job.secondsLeft)} left`;
      return `Indexing: ${grouped(job.done)} of ${grouped(job.total)} passages${pace}`;
    }
  }
}
