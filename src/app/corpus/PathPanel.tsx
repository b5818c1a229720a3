import type { Question } from '../../world/types.ts';
import type { NearFound } from '../store/labState.ts';
import { Segmented } from '../components/Segmented.tsx';
import { Hits } from './Hits.tsx';
import type { Path, PathKind } from './usePath.ts';
import type { Index } from './useIndex.ts';
import styles from './Panel.module.css';

interface PathPanelProps {
  readonly index: Index;
  readonly path: Path;
  readonly found: readonly NearFound[] | undefined;
}

const kinds: readonly { readonly value: PathKind; readonly label: string }[] = [
  { value: 'gold', label: 'the gold chain' },
  { value: 'policy', label: 'the policy’s own searches' },
];

/** A question hop by hop: what was searched, where that landed, and whether it was the page the answer needs. */
export function PathPanel({ index, path, found }: PathPanelProps) {
  const { question, kind, searches } = path;
  const { questions } = index.corpus;
  if (question === undefined) {
    return <p className={styles.note}>These passages came without questions. Search in them instead.</p>;
  }
  return (
    <section aria-label="Path of a question">
      <div className={styles.choose}>
        <select
          aria-label="Question"
          value={question.id}
          onChange={(event) => path.choose(event.target.value)}
        >
          {questions.map(({ id, text }) => (
            <option key={id} value={id}>
              {text}
            </option>
          ))}
        </select>
        {question.chain !== undefined && (
          <Segmented label="Whose searches" value={kind} options={kinds} onChange={path.take} />
        )}
      </div>
      <p className={styles.question}>{question.text}</p>
      {path.problem !== undefined && (
        <p className={styles.problem} role="alert">
          {path.problem}
        </p>
      )}
      <ol className={styles.hops}>
        {searches.map((query, hop) => (
          <li key={hop}>
            <p className={styles.hop}>
              <span className={styles.number}>{hop + 1}</span>
              <span className={styles.query}>{query}</span>
            </p>
            <Landed
              index={index}
              question={question}
              hop={kind === 'gold' ? hop : undefined}
              found={found?.[hop]}
            />
          </li>
        ))}
      </ol>
      <p className={styles.answer}>
        {path.answer === undefined ? (
          <span className={styles.note}>{path.waiting ? 'The policy is searching…' : 'No answer.'}</span>
        ) : (
          <>
            Answer: <b>{path.answer}</b>{' '}
            {kind === 'policy' &&
              (question.golds.includes(path.answer)
                ? '(right)'
                : `(accepted: ${question.golds.join(' or ')})`)}
          </>
        )}
      </p>
    </section>
  );
}

interface LandedProps {
  readonly index: Index;
  readonly question: Question;
  /** Of the gold chain; undefined: the search is the policy’s, and any page of the chain will do. */
  readonly hop: number | undefined;
  readonly found: NearFound | undefined;
}

function Landed({ index, question, hop, found }: LandedProps) {
  const first = found?.passages[0]?.id;
  const chain = question.chain ?? [];
  const wanted = hop === undefined ? chain.find(({ passageId }) => passageId === first) : chain[hop];
  const rank = found?.passages.findIndex(({ id }) => id === wanted?.passageId) ?? -1;
  return (
    <>
      <Hits index={index} hits={found?.passages.slice(0, 2)} gold={wanted?.passageId} awaited={2} />
      {chain.length > 0 && (
        <p className={styles.verdict}>
          {found === undefined
            ? ''
            : rank === 0
              ? `Landed on the page that says: ${wanted?.relation ?? ''} is ${wanted?.object ?? ''}.`
              : hop === undefined
                ? 'No page of the gold chain.'
                : rank > 0
                  ? `The page it needs is number ${rank + 1}.`
                  : 'The page it needs is not among the nearest.'}
        </p>
      )}
    </>
  );
}
