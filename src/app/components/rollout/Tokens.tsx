import { memo } from 'react';
import type { TokenColour } from '../../store/appState.ts';
import type { Trace } from '../../../traces/trace.ts';
import { isTag, measureOf, tokenHeat, type Heat } from './tokenMeasures.ts';
import styles from './Tokens.module.css';

interface TokensProps {
  readonly trace: Trace;
  readonly start: number;
  readonly end: number;
  readonly colour: TokenColour;
  /** The token that Tab reaches, and that arrow keys move from. */
  readonly active: number | undefined;
  /** The token that stands out: the one a link names, or that was clicked. */
  readonly picked?: number | undefined;
  /** Whether a token can be clicked for more. */
  readonly pickable?: boolean;
  /** Per token, whether the rollout beside has it too; absent: nothing is compared. */
  readonly shared?: readonly boolean[] | undefined;
  readonly cardId: string;
}

const shades = ['', styles.one, styles.two, styles.three];

/** The look of a token's heat: a shade, and a line that gets thicker with it, above for less likely. */
export function heatClass(heat: Heat | undefined): string {
  if (heat === undefined) return '';
  return `${styles[heat.way] ?? ''} ${shades[heat.shade] ?? ''} ${styles.heat ?? ''}`;
}

/** Tokens of one segment as text, each reachable by pointer and arrow keys. Nothing of them is ever markup. */
export const Tokens = memo(function Tokens(props: TokensProps) {
  const { trace, start, end, colour, active, picked, pickable = false, shared, cardId } = props;
  const measure = measureOf(colour);
  return (
    <>
      {trace.tokens.texts.slice(start, end).map((text, i) => {
        const index = start + i;
        const own = trace.tokens.generated[index] === true;
        const names = [
          styles.token,
          isTag(text) ? styles.tag : '',
          heatClass(tokenHeat(trace, index, measure)),
          picked === index ? styles.picked : '',
          pickable && own ? styles.pickable : '',
          shared === undefined ? '' : shared[index] === true ? styles.shared : styles.differs,
        ];
        return (
          <span
            key={index}
            data-token={index}
            className={names.filter((name) => name !== '').join(' ')}
            tabIndex={active === index ? 0 : -1}
            aria-describedby={active === index ? cardId : undefined}
          >
            {text}
          </span>
        );
      })}
    </>
  );
});
