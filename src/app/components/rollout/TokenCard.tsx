import type { Alternative } from '../../store/labState.ts';
import type { Trace } from '../../../traces/trace.ts';
import { probability } from '../format.ts';
import { tokenFacts } from './tokenFacts.ts';
import { tokenProbability } from './tokenMeasures.ts';
import styles from './TokenCard.module.css';

interface TokenCardProps {
  readonly id: string;
  readonly trace: Trace;
  readonly index: number;
  readonly alternatives: readonly Alternative[] | undefined;
  readonly place: { readonly left: number; readonly top: number };
}

/** What is known of one token: its chance, what else was likely, and what the update did with it. */
export function TokenCard({ id, trace, index, alternatives, place }: TokenCardProps) {
  const p = tokenProbability(trace, index);
  const rows = tokenFacts(trace, index).filter(({ name, value }) => value !== undefined && name !== 'chance');
  return (
    <div id={id} role="tooltip" className={styles.card} style={{ left: place.left, top: place.top }}>
      <p className={styles.head}>
        <q>{(trace.tokens.texts[index] ?? '').trim()}</q>
        {p !== undefined && (
          <span>
            had a chance of <b>{probability(p)}</b>
          </span>
        )}
        {p === undefined && <span>{originOf(trace, index)}</span>}
      </p>
      {rows.length > 0 && (
        <dl className={styles.rows}>
          {rows.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {alternatives !== undefined && (
        <ul className={styles.alternatives} aria-label="Most likely here">
          {alternatives.map((alternative, i) => (
            <li key={i}>
              <code>{alternative.text.trim() === '' ? '␣' : alternative.text.trim()}</code>
              <i style={{ width: `${alternative.probability * 100}%` }} />
              <span>{probability(alternative.probability)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Where a token came from whose chance is not told. */
function originOf({ tokens: { generated, given }, pieces }: Trace, index: number): string {
  if (generated[index] === true)
    return pieces === 'words' ? 'no token: the file told words' : 'chance not known';
  return given?.[index] === true ? 'put there by the method' : 'inserted';
}
