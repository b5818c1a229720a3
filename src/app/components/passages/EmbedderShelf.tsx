import { useState } from 'react';
import type { EmbedderFile } from '../../../lab/keeping/keepProtocol.ts';
import { useApp } from '../../store/store.ts';
import { addEmbedder, removeEmbedder } from '../../worker/keeping.ts';
import { Button } from '../Button.tsx';
import { megabytes } from '../format.ts';
import { embedderFilesOf } from './embedderFilesOf.ts';
import { useSure } from './useSure.ts';
import styles from './KeptCorpora.module.css';

/** Embedding models that are kept, and the way to add one: a folder as sentence-transformers lays it out, or its files. */
export function EmbedderShelf() {
  const embedders = useApp((state) => state.keeping.embedders);
  const busy = useApp((state) => state.keeping.job !== undefined);
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string>();
  const take = (list: FileList | null): void => {
    const read = embedderFilesOf([...(list ?? [])]);
    setProblem('problem' in read ? read.problem : undefined);
    if ('problem' in read) return;
    const files: readonly EmbedderFile[] = read.files;
    addEmbedder(name.trim() === '' ? read.name : name.trim(), files);
  };
  const folder = { webkitdirectory: '' };
  return (
    <details className={styles.shelf}>
      <summary>
        Embedding models: {embedders.length === 0 ? 'add one' : `${embedders.length} kept, or add one`}
      </summary>
      {embedders.length > 0 && (
        <ul className={styles.indexes} aria-label="Kept embedding models">
          {embedders.map((embedder) => (
            <ShelfRow key={embedder.id} {...embedder} busy={busy} />
          ))}
        </ul>
      )}
      <div className={styles.add}>
        <p>
          all-MiniLM-L6-v2, e5-small-v2, bge-small-en-v1.5 or any other sentence-transformers model as ONNX:
          its <code>model.onnx</code> and <code>tokenizer.json</code>, with the small files beside them where
          you have them. Pooling and prompts that the files do not say are known by the model’s name.
        </p>
        <label>
          Name
          <input
            type="text"
            placeholder="all-MiniLM-L6-v2"
            value={name}
            maxLength={120}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label>
          Files
          <input
            type="file"
            multiple
            accept=".onnx,.json"
            disabled={busy}
            onChange={(event) => {
              take(event.target.files);
              event.target.value = '';
            }}
          />
        </label>
        <label>
          or a folder
          <input
            type="file"
            {...folder}
            disabled={busy}
            onChange={(event) => {
              take(event.target.files);
              event.target.value = '';
            }}
          />
        </label>
        {problem !== undefined && (
          <p className={styles.problem} role="alert">
            {problem}
          </p>
        )}
      </div>
    </details>
  );
}

interface ShelfRowProps {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly busy: boolean;
}

function ShelfRow({ id, name, bytes, busy }: ShelfRowProps) {
  const [sure, ask] = useSure();
  return (
    <li className={styles.row}>
      <p className={styles.name}>
        {name} <small>{megabytes(bytes)}</small>
      </p>
      <Button look="quiet" disabled={busy} onClick={() => ask(() => removeEmbedder(id))}>
        {sure ? 'Really delete? Its indexes cannot be searched then.' : 'Delete'}
      </Button>
    </li>
  );
}
