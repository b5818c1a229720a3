import { Button } from '../components/Button.tsx';
import { counted } from '../components/format.ts';
import type { NearFound } from '../store/labState.ts';
import { useApp } from '../store/store.ts';
import { Hits } from './Hits.tsx';
import type { Index } from './useIndex.ts';
import { usePassages } from './usePassages.ts';
import styles from './PassageCard.module.css';

interface PassageCardProps {
  readonly index: Index;
  readonly place: number;
  readonly near: NearFound | undefined;
}

/** One passage in full, the passages nearest to it, and the questions that need it. */
export function PassageCard({ index, place, near }: PassageCardProps) {
  const setView = useApp((state) => state.setView);
  const passage = usePassages(index, [place])(place);
  if (passage === undefined) return null;
  const needed = index.corpus.questions.filter(({ chain }) =>
    chain?.some(({ passageId }) => passageId === passage.id),
  );
  return (
    <section className={styles.card} aria-label="Passage">
      <p className={styles.kind}>
        {index.kinds[place] ?? 'passage'} <code>{passage.id}</code>
        <Button look="quiet" onClick={() => setView({ passage: undefined })}>
          Close
        </Button>
      </p>
      {passage.title !== '' && <h3>{passage.title}</h3>}
      <p className={styles.text}>{passage.text}</p>
      {needed.length > 0 && (
        <details className={styles.needed}>
          <summary>{counted(needed.length, 'question needs', 'questions need')} it</summary>
          <ul>
            {needed.map(({ id, text }) => (
              <li key={id}>{text}</li>
            ))}
          </ul>
        </details>
      )}
      <h4>Nearest to it</h4>
      <Hits index={index} hits={near?.passages} />
    </section>
  );
}
