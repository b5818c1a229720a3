import { useEffect, useState } from 'react';
import type { KeptEmbedder } from '../../../lab/modelStore/protocol.ts';
import { useApp } from '../../store/store.ts';
import { listModels, removeModel } from '../../worker/modelClient.ts';
import { Button } from '../Button.tsx';
import { Arriving } from '../models/Arriving.tsx';
import { bytesText, embedderText } from '../models/bytes.ts';
import { EmbedderSource } from './EmbedderSource.tsx';
import { useEmbedders } from './useEmbedders.ts';
import { useSure } from './useSure.ts';
import styles from './KeptCorpora.module.css';

/** Embedding models that are kept in this browser, and the ways to add one. */
export function EmbedderShelf() {
  const embedders = useEmbedders();
  useEffect(listModels, []);
  const [open, setOpen] = useState(false);
  return (
    <details
      className={styles.shelf}
      onToggle={({ target, currentTarget }) => {
        // That of the part within comes here, too.
        if (target === currentTarget) setOpen(currentTarget.open);
      }}
    >
      <summary>
        Embedding models: {embedders.length === 0 ? 'add one' : `${embedders.length} kept, or add one`}
      </summary>
      {embedders.length > 0 && (
        <ul className={styles.indexes} aria-label="Kept embedding models">
          {embedders.map((embedder) => (
            <ShelfRow key={embedder.card.id} model={embedder} />
          ))}
        </ul>
      )}
      <EmbedderSource />
      {open && <Arriving />}
    </details>
  );
}

function ShelfRow({ model }: { readonly model: KeptEmbedder }) {
  const { name, files, card } = model;
  const busy = useApp((state) => state.models.busy !== undefined);
  const [sure, ask] = useSure();
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return (
    <li className={styles.row}>
      <div>
        <p className={styles.name}>
          {name} <small>{bytesText(bytes)}</small>
        </p>
        <p>{embedderText(model)}</p>
        {card.notices.map((notice) => (
          <p key={notice}>{notice}</p>
        ))}
      </div>
      <Button look="quiet" disabled={busy} onClick={() => ask(() => removeModel(name))}>
        {sure ? 'Really delete? Its indexes cannot be searched then.' : 'Delete'}
      </Button>
    </li>
  );
}
