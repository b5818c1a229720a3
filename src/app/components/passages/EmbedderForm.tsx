import { lazy, Suspense, useState } from 'react';
import { Button } from '../Button.tsx';
import { useApp } from '../../store/store.ts';
import { chooseEmbedder } from '../../worker/asking.ts';
import { useEmbedders } from './useEmbedders.ts';
import styles from './EmbedderForm.module.css';

// With it the store of models begins to work: not before somebody looks.
const EmbedderShelf = lazy(async () => ({ default: (await import('./EmbedderShelf.tsx')).EmbedderShelf }));

/** Which model turns passages and searches into vectors: the shipped one, or any sentence-transformers ONNX file. */
export function EmbedderForm() {
  const embedder = useApp((state) => state.lab.embedder);
  const [model, setModel] = useState<string | File>('');
  const [tokenizer, setTokenizer] = useState<string | File>('');
  const [busy, setBusy] = useState(false);
  const ready = model !== '' && tokenizer !== '' && !busy;
  const kept = useEmbedders();
  const [open, setOpen] = useState(false);

  const use = async (which: 'shipped' | 'given' | { readonly kept: string }): Promise<void> => {
    setBusy(true);
    const name = typeof model === 'string' ? model : model.name;
    try {
      await chooseEmbedder(
        which === 'given'
          ? { name, model: await contentOf(model), tokenizer: await contentOf(tokenizer) }
          : which,
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      useApp.getState().tell({ from: 'worker', event: { type: 'error', request: 'embedder', message } });
    } finally {
      setBusy(false);
    }
  };

  return (
    <details
      className={styles.embedder}
      onToggle={(event) => {
        // That of the shelf within comes here, too.
        if (event.target === event.currentTarget) setOpen(event.currentTarget.open);
      }}
    >
      <summary>
        How passages are found:{' '}
        {embedder === undefined
          ? 'with the shipped embedding model'
          : `with ${embedder.name}, ${embedder.dimension} dimensions`}
      </summary>
      <div className={styles.form}>
        <p>
          Passages and searches become vectors; the nearest passage is read. Any sentence-transformers model
          works: one that is kept in this browser, or an ONNX file with its tokenizer.json, from an address or
          from your disk.
        </p>
        {kept.length > 0 && (
          <div className={styles.buttons} role="group" aria-label="Kept embedding models">
            {kept.map(({ name, card }) => (
              <Button key={card.id} disabled={busy} onClick={() => void use({ kept: card.id })}>
                Use {name}
              </Button>
            ))}
          </div>
        )}
        {open && (
          <Suspense fallback={null}>
            <EmbedderShelf />
          </Suspense>
        )}
        <Source label="ONNX model" accept=".onnx" value={model} onChange={setModel} />
        <Source
          label="tokenizer.json"
          accept=".json,application/json"
          value={tokenizer}
          onChange={setTokenizer}
        />
        <div className={styles.buttons}>
          <Button disabled={!ready} onClick={() => void use('given')}>
            {busy ? 'Embedding the passages…' : 'Use this model'}
          </Button>
          {embedder !== undefined && (
            <Button look="quiet" disabled={busy} onClick={() => void use('shipped')}>
              Back to the shipped one
            </Button>
          )}
        </div>
      </div>
    </details>
  );
}

/** An address as it is; a file's bytes. Rejects, naming the file, when it has gone since it was chosen. */
async function contentOf(source: string | File): Promise<string | ArrayBuffer> {
  if (typeof source === 'string') return source;
  return source.arrayBuffer().catch(() => {
    throw new Error(`${source.name} cannot be read from your disk. Choose it again.`);
  });
}

interface SourceProps {
  readonly label: string;
  readonly accept: string;
  readonly value: string | File;
  readonly onChange: (value: string | File) => void;
}

function Source({ label, accept, value, onChange }: SourceProps) {
  return (
    <div className={styles.source}>
      <label>
        {label}, address
        <input
          type="url"
          placeholder="https://…"
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.target.value.trim())}
        />
      </label>
      <label>
        or file
        <input type="file" accept={accept} onChange={(event) => onChange(event.target.files?.[0] ?? '')} />
      </label>
    </div>
  );
}
