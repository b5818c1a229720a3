import { useEffect, useState } from 'react';
import type { PriorShare } from '../../lab/protocol.ts';
import { useApp } from '../store/store.ts';
import { percent } from './format.ts';
import { readPrior, type PriorStage } from './priorFile.ts';
import styles from './PriorShares.module.css';

type Read =
  | { readonly status: 'reading' }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'ready'; readonly stages: readonly PriorStage[] };

/** What the policy was pretrained on, in shares of its transcripts, printed where the claim is made. */
export function PriorShares() {
  const model = useApp((state) => state.recipe.model);
  const loaded = useApp((state) => state.lab.info?.prior);
  const [read, setRead] = useState<Read>({ status: 'reading' });
  useEffect(() => {
    let wanted = true;
    readPrior(`./models/${encodeURIComponent(model)}/prior.json`).then(
      (stages) => wanted && setRead({ status: 'ready', stages }),
      (error: unknown) =>
        wanted &&
        setRead({ status: 'failed', message: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [model]);

  if (read.status === 'reading') return <p className={styles.note}>Reading what the prior has seen…</p>;
  if (read.status === 'failed') {
    if (loaded !== undefined && loaded.length > 0) return <Shares shares={loaded} />;
    return <p className={styles.note}>What the prior has seen could not be read: {read.message}.</p>;
  }
  return (
    <div className={styles.stages}>
      {read.stages.map((stage, i) => (
        <section key={stage.name} aria-label={stage.name}>
          <h3>
            {i === 0 ? 'First' : i === read.stages.length - 1 ? 'Last' : 'Then'} {percent(stage.portion)}{' '}
            <small>of its training tokens</small>
          </h3>
          <Shares shares={stage.shares} />
        </section>
      ))}
    </div>
  );
}

function Shares({ shares }: { readonly shares: readonly PriorShare[] }) {
  return (
    <ul className={styles.shares}>
      {shares.map((share) => (
        <li key={share.name}>
          <span className={styles.number}>{percent(share.share)}</span>
          <span className={styles.bar} aria-hidden="true">
            <i
              className={share.name === 'good chain' ? styles.good : undefined}
              style={{ width: `${share.share * 100}%` }}
            />
          </span>
          <span>
            <b>{share.name}</b> {share.description}
          </span>
        </li>
      ))}
    </ul>
  );
}
