import { memo, useMemo, type CSSProperties, type KeyboardEvent, type SyntheticEvent } from 'react';
import type { Trace } from '../../traces/trace.ts';
import styles from './HeatText.module.css';

/** How one token is drawn: a step of the signed scale (−3 to 3), and whether it is underlined. */
export interface TokenLook {
  readonly heat: number;
  readonly underlined?: boolean;
}

interface HeatTextProps {
  readonly trace: Trace;
  readonly label: string;
  readonly look?: (token: number) => TokenLook | undefined;
  readonly selected?: number | undefined;
  readonly onSelect?: (token: number) => void;
  readonly streaming?: boolean;
  /** Of what was inserted only the beginning is shown: where it is about what is trained. */
  readonly short?: boolean;
}

/** Tokens of an inserted passage that are shown of it, and how few more are not worth folding. */
const beginning = 6;
const spared = 3;

/**
 * A rollout as running text, token by token. One Tab stop; arrows move from token to token. What was inserted is dotted
 * and cannot be selected: it is not trained. Model output, shown as text only.
 */
export const HeatText = memo(function HeatText(props: HeatTextProps) {
  const { trace, label, look, selected, onSelect, streaming = false, short = false } = props;
  const { texts, generated } = trace.tokens;
  const folded = useMemo(() => (short ? folds(trace.tokens) : undefined), [short, trace.tokens]);
  const first = generated.indexOf(true);
  const stop = selected !== undefined && generated[selected] === true ? selected : first;
  const select = (event: SyntheticEvent): void => {
    const token = tokenOf(event.target);
    if (token !== undefined) onSelect?.(token);
  };
  const selectable = onSelect !== undefined;
  return (
    <p
      className={styles.text}
      role={selectable ? 'group' : undefined}
      aria-label={selectable ? label : undefined}
      onClick={select}
      onFocus={select}
      onKeyDown={move}
    >
      {texts.map((text, token) => {
        const place = folded?.get(token);
        if (place === 'folded') return null;
        const found = look?.(token);
        const heat = found?.heat ?? 0;
        const own = generated[token] === true;
        const name = own ? kindOf(trace, token) : 'inserted';
        const style: CSSProperties | undefined =
          heat === 0 ? undefined : { background: `var(--${heat > 0 ? 'pos' : 'neg'}-${Math.abs(heat)})` };
        const classes = [styles.token, styles[name]];
        if (heat !== 0) classes.push(Math.abs(heat) === 3 ? styles.strong : styles.warm);
        if (found?.underlined === true) classes.push(styles.underlined);
        if (selected === token) classes.push(styles.selected);
        if (!own || !selectable)
          return (
            <span key={token} className={classes.join(' ')} style={style}>
              {place === 'last shown' ? `${text} … ` : text}
            </span>
          );
        return (
          <span
            key={token}
            data-token={token}
            role="button"
            aria-pressed={selected === token}
            tabIndex={token === stop ? 0 : -1}
            className={classes.join(' ')}
            style={style}
          >
            {text}
          </span>
        );
      })}
      {streaming && <span className={styles.caret} aria-hidden="true" />}
    </p>
  );
});

/** Which tokens are left out when passages are folded, and after which of them that is told. */
function folds({ texts, generated }: Trace['tokens']): ReadonlyMap<number, 'folded' | 'last shown'> {
  const found = new Map<number, 'folded' | 'last shown'>();
  for (let start = generated.indexOf(false); start >= 0;) {
    const next = generated.indexOf(true, start);
    const end = next < 0 ? texts.length : next;
    let from = start + beginning;
    // Not within a word.
    while (from < end && texts[from]?.startsWith(' ') !== true) from++;
    // The tag that closes it stays.
    if (end - 1 - from > spared) {
      found.set(from - 1, 'last shown');
      for (let token = from; token < end - 1; token++) found.set(token, 'folded');
    }
    start = next < 0 ? -1 : generated.indexOf(false, end);
  }
  return found;
}

function kindOf({ segments }: Trace, token: number): string {
  return segments.find(({ start, end }) => token >= start && token < end)?.kind ?? 'text';
}

function tokenOf(target: EventTarget): number | undefined {
  const text = target instanceof HTMLElement ? target.dataset['token'] : undefined;
  return text === undefined ? undefined : Number(text);
}

function move(event: KeyboardEvent<HTMLElement>): void {
  const tokens = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-token]')];
  const at = tokens.findIndex((token) => token === event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tokens.length - 1 }[event.key];
  const target = to === undefined || at < 0 ? undefined : tokens[to];
  if (target === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  target.focus();
}
