import { useEffect, useState } from 'react';
import type { PriorShare } from '../../lab/protocol.ts';
import { useApp } from '../store/store.ts';
import { percent } from './format.ts';
import { hasPrior, readPrior, type PriorStage } from './priorFile.ts';
import styles from './PriorShares.module.css';

type Read =
  | { readonly status: 'reading' }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'ready'; readonly stages: readonly PriorStage[] };

/** What the policy was pretrained on, in shares of its transcripts, printed where the claim is made. */
export function PriorShares() {
  const model = useApp((state) => state.recipe.model);
  if (hasPrior(model)) return <OwnPrior model={model} />;
  return (
    <p className={styles.note}>
      This model was trained by others: what it has seen is told where it was published.
    </p>
  );
}

function OwnPrior({ model }: { readonly model: string }) {
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
  return <StageTable stages={read.stages} />;
}

/** Behaviours down, stages of pretraining across, in the order of the last stage's shares. */
function StageTable({ stages }: { readonly stages: readonly PriorStage[] }) {
  const behaviours = stages.at(-1)?.shares ?? [];
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="What the prior has seen, by stage">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Stage, and its part of the training tokens</th>
            {stages.map((stage) => (
              <th key={stage.name} scope="col">
                {stage.name} <small>{percent(stage.portion)}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {behaviours.map(({ name, description }) => (
            <tr key={name}>
              <th scope="row">
                <b>{name}</b> {description}
              </th>
              {stages.map((stage) => (
                <ShareCell key={stage.name} share={stage.shares.find((share) => share.name === name)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ShareCell({ share }: { readonly share: PriorShare | undefined }) {
  if (share === undefined) return <td>–</td>;
  return (
    <td>
      {percent(share.share)}
      <Bar share={share} />
    </td>
  );
}

function Bar({ share }: { readonly share: PriorShare }) {
  return (
    <span className={styles.bar} aria-hidden="true">
      <i
        className={share.name === 'good chain' ? styles.good : undefined}
        style={{ width: `${share.share * 100}%` }}
      />
    </span>
  );
}

function Shares({ shares }: { readonly shares: readonly PriorShare[] }) {
  return (
    <ul className={styles.shares}>
      {shares.map((share) => (
        <li key={share.name}>
          <span className={styles.number}>{percent(share.share)}</span>
          <Bar share={share} />
          <span>
            <b>{share.name}</b> {share.description}
          </span>
        </li>
      ))}
    </ul>
  );
}
