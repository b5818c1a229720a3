import { useId, useState } from 'react';
import type { Precision } from '../../../lab/modelStore/protocol.ts';
import { useApp } from '../../store/store.ts';
import { lookUp, takeModel } from '../../worker/modelClient.ts';
import { Button } from '../Button.tsx';
import { OtherHub } from '../models/OtherHub.tsx';
import { embedderFilesOf } from './embedderFilesOf.ts';
import styles from './KeptCorpora.module.css';

const example = 'sentence-transformers/all-MiniLM-L6-v2';

/** Where an embedding model may come from: a repository of the hub, a folder, or its files. */
export function EmbedderSource() {
  const busy = useApp((state) => state.models.busy !== undefined);
  const [repository, setRepository] = useState('');
  const [hub, setHub] = useState('');
  const [precision, setPrecision] = useState<Precision>('quantised');
  const [name, setName] = useState('');
  const hint = useId();
  const take = (list: FileList | null): void => {
    const found = embedderFilesOf([...(list ?? [])]);
    if (found.files.length > 0)
      takeModel(name.trim() === '' ? found.name : name.trim(), found.files, precision);
  };
  return (
    <div className={styles.add}>
      <form
        className={styles.hub}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) lookUp(repository.trim() === '' ? example : repository, hub, precision);
        }}
      >
        <label>
          Embedding model on the Hugging Face hub
          <input
            type="text"
            value={repository}
            placeholder={example}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-describedby={hint}
            onChange={(event) => setRepository(event.target.value)}
          />
        </label>
        <Button type="submit" disabled={busy}>
          Look it up
        </Button>
      </form>
      <p id={hint}>
        For instance <code>intfloat/e5-small-v2</code>, <code>BAAI/bge-small-en-v1.5</code> or one of{' '}
        <code>Xenova/…</code>: any sentence-transformers model with an ONNX export. How its tokens become one
        vector, and what is written before queries and passages, its files say, or else its name.
      </p>
      <label>
        Its network
        <select value={precision} onChange={(event) => setPrecision(event.target.value as Precision)}>
          <option value="quantised">quantised to 8 bits, a quarter as large</option>
          <option value="full">in full precision</option>
        </select>
      </label>
      <label>
        or its files from this computer
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
        or its folder
        <input
          type="file"
          ref={(input) => input?.setAttribute('webkitdirectory', '')}
          disabled={busy}
          onChange={(event) => {
            take(event.target.files);
            event.target.value = '';
          }}
        />
      </label>
      <details>
        <summary>A name of your own</summary>
        <label>
          Name of what comes from this computer
          <input
            type="text"
            placeholder="e5-small-v2"
            value={name}
            maxLength={120}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
      </details>
      <OtherHub hub={hub} onHub={setHub} />
    </div>
  );
}
