import { useEffect, useRef, useState, type DragEvent } from 'react';
import type { ProviderChoice } from '../../../lab/keeping/keepProtocol.ts';
import { describeProblem } from '../../../world/problems.ts';
import { useApp } from '../../store/store.ts';
import { importCorpus, listKept } from '../../worker/keeping.ts';
import { CorpusInUse, useIndexInUse } from './CorpusInUse.tsx';
import { EmbedderShelf } from './EmbedderShelf.tsx';
import { KeptCorpus } from './KeptCorpus.tsx';
import { KeptJob } from './KeptJob.tsx';
import { useEmbedders } from './useEmbedders.ts';
import styles from './KeptCorpora.module.css';

/**
 * Corpora too large for the box of own passages: imported, indexed beside the page, and kept in this browser. While
 * one of them is searched, one line says so and the rest is folded away; what is under way stands below it.
 */
export default function KeptCorpora() {
  const embedders = useEmbedders();
  const { corpora, job, problems, notices, error } = useApp((state) => state.keeping);
  const [model, setModel] = useState('shipped');
  const [provider, setProvider] = useState<ProviderChoice>('auto');
  const [over, setOver] = useState(false);
  useEffect(listKept, []);

  const inUse = useIndexInUse();
  // Opened for this index: to choose another one folds the panel again.
  const [openedFor, setOpenedFor] = useState<string>();
  const open = inUse === undefined || openedFor === inUse.key;
  const line = useRef<HTMLElement>(null);
  const chosenHere = useRef(false);
  useEffect(() => {
    // The button that was pressed is gone.
    if (chosenHere.current) line.current?.focus();
    chosenHere.current = false;
  }, [inUse?.key]);

  const take = (list: FileList | null): void => {
    const files = [...(list ?? [])];
    if (files.length === 0) return;
    setOpenedFor(inUse?.key);
    importCorpus(files);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  const chosen = embedders.some(({ card }) => card.id === model) ? model : 'shipped';

  return (
    <div
      className={[styles.kept, !open && styles.folded, over && styles.over].filter(Boolean).join(' ')}
      role="group"
      aria-label="Large corpora"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <details
        open={open}
        onToggle={({ target, currentTarget }) => {
          // That of a part within comes here, too.
          if (target === currentTarget) setOpenedFor(currentTarget.open ? inUse?.key : undefined);
        }}
      >
        <summary ref={line} hidden={inUse === undefined}>
          {inUse !== undefined && <CorpusInUse inUse={inUse} />}
        </summary>
        <div className={styles.panel}>
          <div className={styles.import}>
            <label>
              Import a corpus
              <input
                type="file"
                multiple
                disabled={job !== undefined}
                accept=".jsonl,.ndjson,.json,.tsv,.txt,.gz,text/plain,application/json,text/tab-separated-values"
                onChange={(event) => {
                  take(event.target.files);
                  event.target.value = '';
                }}
              />
            </label>
            <p>
              JSON lines with <code>title</code> and <code>text</code>, or <code>id</code> and{' '}
              <code>contents</code> (FlashRAG, wiki-18); TSV; or text with a blank line between passages; each
              may be gzipped (.gz). It is read line by line, kept in this browser and never sent anywhere.
            </p>
          </div>
          {problems.length > 0 && (
            <ul className={styles.problem} aria-label="Left out of the import">
              {problems.map((problem, i) => (
                <li key={i}>{describeProblem(problem)}</li>
              ))}
            </ul>
          )}
          {notices.map((notice) => (
            <p key={notice}>{notice}</p>
          ))}
          <div className={styles.with}>
            <label>
              Embedding model to index with
              <select value={chosen} onChange={(event) => setModel(event.target.value)}>
                <option value="shipped">the shipped one, for made-up worlds</option>
                {embedders.map(({ card: { id }, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <label>
              What runs it
              <select
                value={provider}
                onChange={(event) => setProvider(event.target.value as ProviderChoice)}
              >
                <option value="auto">WebGPU where that pays, else WebAssembly</option>
                <option value="wasm">WebAssembly</option>
                <option value="webgpu">WebGPU</option>
              </select>
            </label>
          </div>
          <EmbedderShelf />
          {corpora?.length === 0 && <p>No corpus is kept in this browser yet.</p>}
          {corpora !== undefined && corpora.length > 0 && (
            <ul className={styles.corpora} aria-label="Kept corpora">
              {corpora.map((corpus) => (
                <KeptCorpus
                  key={corpus.id}
                  corpus={corpus}
                  model={chosen}
                  provider={provider}
                  onChosen={() => (chosenHere.current = true)}
                />
              ))}
            </ul>
          )}
        </div>
      </details>
      <KeptJob />
      {error !== undefined && (
        <p className={styles.problem} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
