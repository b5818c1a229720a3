import type { IndexRecord, ListedCorpus } from '../../../lab/keeping/keepProtocol.ts';
import { indexedSoFar } from '../../store/keepingState.ts';
import { useApp } from '../../store/store.ts';
import { counted, grouped } from '../format.ts';
import styles from './KeptCorpora.module.css';

export interface IndexInUse {
  /** Another one for every index. */
  readonly key: string;
  readonly corpus: ListedCorpus;
  readonly index: IndexRecord;
}

/** The index that is searched; undefined where none is, or it is not kept any longer. */
export function useIndexInUse(): IndexInUse | undefined {
  const kept = useApp((state) => state.kept);
  const corpus = useApp((state) => state.keeping.corpora?.find(({ id }) => id === kept?.corpus));
  const index = corpus?.indexes.find(({ model }) => model.id === kept?.model);
  if (corpus === undefined || index === undefined) return undefined;
  return { key: `${corpus.id} ${index.model.id}`, corpus, index };
}

/** It in a line: the corpus, how many of its passages, and by which embedding model they are found. */
export function CorpusInUse({ inUse: { corpus, index } }: { readonly inUse: IndexInUse }) {
  const { id, name, dimension } = index.model;
  const done = useApp((state) => indexedSoFar(state.keeping, corpus.id, id)?.done ?? index.done);
  return (
    <>
      <b>{corpus.name}</b>:{' '}
      {done === corpus.passages
        ? counted(corpus.passages, 'passage', 'passages')
        : `${grouped(done)} of ${counted(corpus.passages, 'passage', 'passages')}`}
      , indexed with {name}, {dimension} dimensions <span className={styles.change}>Change…</span>
    </>
  );
}
