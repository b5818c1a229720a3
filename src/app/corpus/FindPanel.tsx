import { useState } from 'react';
import { Button } from '../components/Button.tsx';
import { grouped } from '../components/format.ts';
import { useApp } from '../store/store.ts';
import type { NearFound } from '../store/labState.ts';
import { Hits } from './Hits.tsx';
import type { Index } from './useIndex.ts';
import styles from './Panel.module.css';

interface FindPanelProps {
  readonly index: Index;
  readonly found: NearFound | undefined;
}

/** The box that a search goes into, with what it brings and how near each is. */
export function FindPanel({ index, found }: FindPanelProps) {
  const find = useApp((state) => state.find);
  const setView = useApp((state) => state.setView);
  const [typed, setTyped] = useState(find);
  const example = index.corpus.questions.find(({ chain }) => chain !== undefined)?.chain?.[0]?.query;
  const search = (text: string): void => {
    setTyped(text);
    setView({ find: text.trim(), passage: undefined });
  };
  return (
    <section aria-label="Search">
      <form
        className={styles.find}
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          search(typed);
        }}
      >
        <input
          id="find"
          type="search"
          aria-label="Search as the policy does"
          placeholder="Search as the policy does…"
          value={typed}
          maxLength={300}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="submit" disabled={typed.trim() === ''}>
          Search
        </Button>
      </form>
      {find === '' && example !== undefined && (
        <p className={styles.note}>
          For instance{' '}
          <button type="button" className={styles.example} onClick={() => search(example)}>
            {example}
          </button>
        </p>
      )}
      {find !== '' && (
        <>
          <p className={styles.note}>
            Cosine of the whole vectors, 1 is the same. The policy reads the first <TopK />.
          </p>
          <Covered />
          <Hits index={index} hits={found?.passages} />
        </>
      )}
    </section>
  );
}

/** What a search in an index that is being made can find by now. */
function Covered() {
  const searched = useApp((state) => state.lab.searched);
  if (searched === undefined || searched.done === searched.total) return null;
  return (
    <p className={styles.note}>
      Searched {grouped(searched.done)} of {grouped(searched.total)} passages: the index is not whole yet.
    </p>
  );
}

function TopK() {
  const k = useApp((state) => state.recipe.rollout.passages);
  return k === 1 ? 'one' : String(k);
}
