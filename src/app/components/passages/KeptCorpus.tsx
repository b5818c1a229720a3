import type { IndexRecord, ListedCorpus, ProviderChoice } from '../../../lab/keeping/keepProtocol.ts';
import { indexedSoFar } from '../../store/keepingState.ts';
import { useApp } from '../../store/store.ts';
import { chooseCorpus } from '../../worker/asking.ts';
import { buildIndex, removeCorpus, removeIndex } from '../../worker/keeping.ts';
import { Button } from '../Button.tsx';
import { grouped } from '../format.ts';
import { bytesText } from '../models/bytes.ts';
import { useSure } from './useSure.ts';
import styles from './KeptCorpora.module.css';

interface KeptCorpusProps {
  readonly corpus: ListedCorpus;
  /** Chosen to index with. */
  readonly model: string;
  /** What is to run it, and the models of indexes that go on. */
  readonly provider: ProviderChoice;
  /** One of its indexes is about to be searched. */
  readonly onChosen: () => void;
}

/** One kept corpus with its indexes. */
export function KeptCorpus({ corpus, model, provider, onChosen }: KeptCorpusProps) {
  const busy = useApp((state) => state.keeping.job !== undefined);
  const [sure, ask] = useSure();
  return (
    <li>
      <div className={styles.row}>
        <p className={styles.name}>
          <b>{corpus.name}</b>{' '}
          <small>
            {grouped(corpus.passages)} {corpus.passages === 1 ? 'passage' : 'passages'},{' '}
            {bytesText(corpus.bytes)} of text
          </small>
        </p>
        <div className={styles.acts}>
          <Button disabled={busy} onClick={() => buildIndex(corpus.id, model, provider)}>
            Index it
          </Button>
          <Button look="quiet" disabled={busy} onClick={() => ask(() => removeCorpus(corpus.id))}>
            {sure ? 'Really delete, with its indexes?' : 'Delete'}
          </Button>
        </div>
      </div>
      {corpus.indexes.length > 0 && (
        <ul className={styles.indexes} aria-label={`Indexes of ${corpus.name}`}>
          {corpus.indexes.map((index) => (
            <KeptIndexRow
              key={index.model.id}
              corpus={corpus}
              index={index}
              provider={provider}
              busy={busy}
              onChosen={onChosen}
            />
          ))}
        </ul>
      )}
    </li>
  );
}

interface KeptIndexRowProps {
  readonly corpus: ListedCorpus;
  readonly index: IndexRecord;
  readonly provider: ProviderChoice;
  readonly busy: boolean;
  readonly onChosen: () => void;
}

function KeptIndexRow({ corpus, index, provider, busy, onChosen }: KeptIndexRowProps) {
  const { id: model, name, dimension } = index.model;
  const kept = useApp((state) => state.kept);
  const done = useApp((state) => indexedSoFar(state.keeping, corpus.id, model)?.done ?? index.done);
  const [sure, ask] = useSure();
  const whole = done === corpus.passages;
  const inUse = kept?.corpus === corpus.id && kept.model === model;
  return (
    <li className={styles.row}>
      <p className={styles.name}>
        {name}{' '}
        <small>
          {dimension} dimensions; {whole ? 'all passages' : `${grouped(done)} of ${grouped(corpus.passages)}`}
          {inUse && ', in use'}
        </small>
      </p>
      <div className={styles.acts}>
        {!whole && (
          <Button disabled={busy} onClick={() => buildIndex(corpus.id, model, provider)}>
            Go on
          </Button>
        )}
        {done > 0 && !inUse && (
          <Button
            onClick={() => {
              onChosen();
              chooseCorpus({ corpus: 'kept', kept: { corpus: corpus.id, model } });
            }}
          >
            {whole ? 'Search in it' : 'Search what is done'}
          </Button>
        )}
        <Button
          look="quiet"
          disabled={busy || inUse}
          onClick={() => ask(() => removeIndex(corpus.id, model))}
        >
          {sure ? 'Really delete?' : 'Delete'}
        </Button>
      </div>
    </li>
  );
}
