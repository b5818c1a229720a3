import { memo, type CSSProperties } from 'react';
import type { TokenColour } from '../../store/appState.ts';
import type { Trace } from '../../../traces/trace.ts';
import { isTag, tokenBackground } from './tokenMeasures.ts';
import styles from './Tokens.module.css';

interface TokensProps {
  readonly trace: Trace;
  readonly start: number;
  readonly end: number;
  readonly colour: TokenColour;
  /** The token that Tab reaches, and that arrow keys move from. */
  readonly active: number | undefined;
  readonly cardId: string;
}

/** Tokens of one segment as text, each reachable by pointer and arrow keys. Nothing of them is ever markup. */
export const Tokens = memo(function Tokens({ trace, start, end, colour, active, cardId }: TokensProps) {
  return (
    <>
      {trace.tokens.texts.slice(start, end).map((text, i) => {
        const index = start + i;
        const background = tokenBackground(trace, index, colour);
        const style: CSSProperties | undefined = background === undefined ? undefined : { background };
        return (
          <span
            key={index}
            data-token={index}
            className={isTag(text) ? `${styles.token} ${styles.tag}` : styles.token}
            style={style}
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
