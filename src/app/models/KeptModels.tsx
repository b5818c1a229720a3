import { useState } from 'react';
import type { KeptEmbedder, KeptModel, Listing } from '../../lab/modelStore/protocol.ts';
import { Button } from '../components/Button.tsx';
import { useApp } from '../store/store.ts';
import { discardModel, downloadModel, removeModel } from '../worker/modelClient.ts';
import { bytesText, cardText, embedderText } from '../components/models/bytes.ts';
import { UseButtons } from './UseButtons.tsx';
import { WeightSizes } from '../components/models/WeightSizes.tsx';
import styles from './ModelList.module.css';

/** The models that a visitor has opened, and the downloads that are not whole. */
export function KeptModels() {
  const listing = useApp((state) => state.models.listing);
  if (listing === undefined) return null;
  const { kept, embedders, begun, problems } = listing;
  if (kept.length + embedders.length + begun.length + problems.length === 0) return null;
  return (
    <section className={styles.section} aria-labelledby="kept-models">
      <h2 id="kept-models">
        Kept in this browser <em>{bytesText(listing.bytes)}; still here on your next visit</em>
      </h2>
      <ul className={styles.list}>
        {begun.map((model) => (
          <Begun key={model.name} model={model} />
        ))}
        {kept.map((model) => (
          <Kept key={model.name} model={model} />
        ))}
        {embedders.map((model) => (
          <Embedder key={model.name} model={model} />
        ))}
      </ul>
      {problems.map((problem) => (
        <p key={problem} className={styles.about}>
          {problem}
        </p>
      ))}
    </section>
  );
}

function Begun({ model }: { readonly model: Listing['begun'][number] }) {
  const { name, have, bytes } = model;
  const busy = useApp((state) => state.models.busy !== undefined);
  const under = useApp((state) => state.models.busy === 'download' && state.models.progress?.name === name);
  if (under) return null;
  return (
    <li className={styles.row}>
      <p className={styles.name}>
        <b>{name}</b>
      </p>
      <p className={styles.about}>
        unfinished: {bytesText(have)} of {bytesText(bytes)} are here
      </p>
      <span className={styles.acts}>
        <Button disabled={busy} onClick={() => downloadModel(name)} aria-label={`Resume ${name}`}>
          Resume
        </Button>
        <Button
          look="quiet"
          disabled={busy}
          onClick={() => discardModel(name)}
          aria-label={`Throw away ${name}`}
        >
          Throw away
        </Button>
      </span>
    </li>
  );
}

function Kept({ model }: { readonly model: KeptModel }) {
  const { name, card, files } = model;
  const inRecipe = useApp((state) => state.recipe.model === `kept:${name}`);
  const onDisk = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <li className={styles.row}>
      <div className={styles.name}>
        <p>
          <b>{name}</b> {inRecipe && <small>in the recipe</small>}
        </p>
        <p className={styles.about}>{bytesText(onDisk)} on disk</p>
      </div>
      <div className={styles.about}>
        <p>{cardText(card)}</p>
        <div className={styles.memory}>
          <p>weights in memory</p>
          <WeightSizes weights={card.weights} training={card.training} />
        </div>
        <Files model={model} />
      </div>
      <span className={styles.acts}>
        <UseButtons model={`kept:${name}`} name={name} />
        <Delete name={name} bytes={onDisk} />
      </span>
    </li>
  );
}

function Embedder({ model }: { readonly model: KeptEmbedder }) {
  const { name, files } = model;
  const onDisk = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <li className={styles.row}>
      <div className={styles.name}>
        <p>
          <b>{name}</b>
        </p>
        <p className={styles.about}>{bytesText(onDisk)} on disk</p>
      </div>
      <div className={styles.about}>
        <p>An embedding model, to search with: chosen in Corpus.</p>
        <p>{embedderText(model)}</p>
        <Files model={model} />
      </div>
      <span className={styles.acts}>
        <Delete name={name} bytes={onDisk} />
      </span>
    </li>
  );
}

function Files({ model: { files, source } }: { readonly model: KeptModel | KeptEmbedder }) {
  return (
    <details className={styles.files}>
      <summary>Files and their hashes</summary>
      <p>
        {source.kind === 'hub'
          ? `From ${source.hub}/${source.repository}, revision ${source.commit}.`
          : 'From this computer.'}
      </p>
      <ul>
        {files.map((file) => (
          <li key={file.name}>
            {file.name} <span>{bytesText(file.bytes)}</span> <code>{file.sha256}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Asks once more: it would have to be downloaded again. */
function Delete({ name, bytes }: { readonly name: string; readonly bytes: number }) {
  const busy = useApp((state) => state.models.busy !== undefined);
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <Button look="quiet" disabled={busy} onClick={() => setAsking(true)} aria-label={`Delete ${name}`}>
        Delete
      </Button>
    );
  }
  return (
    <span className={styles.asking} role="group" aria-label={`Delete ${name}?`}>
      Delete {bytesText(bytes)} for good?
      <Button autoFocus disabled={busy} onClick={() => removeModel(name)}>
        Delete it
      </Button>
      <Button look="quiet" onClick={() => setAsking(false)}>
        Keep it
      </Button>
    </span>
  );
}
