import type { RolloutEntry } from '../store/rolloutList.ts';
import styles from './GoldChain.module.css';

/** The facts that lead to the answer, hop by hop, and which search brought the page of each. Shown when asked for. */
export function GoldChain({ entry }: { readonly entry: RolloutEntry }) {
  const { chain } = entry.group.question;
  if (chain === undefined) return null;
  const { searches } = entry.trace;
  return (
    <details className={styles.chain}>
      <summary>Reveal the gold chain</summary>
      <ol>
        {chain.map((hop, i) => {
          const at = searches.findIndex(({ passages }) => passages.some(({ id }) => id === hop.passageId));
          return (
            <li key={i}>
              <span className={styles.fact}>
                {hop.subject} <i>{hop.relation}</i> {hop.object}
              </span>
              <small className={at < 0 ? styles.not : styles.found}>
                {at < 0 ? '✕ no search brought its page' : `✓ its page came with search ${at + 1}`}
              </small>
            </li>
          );
        })}
      </ol>
    </details>
  );
}
