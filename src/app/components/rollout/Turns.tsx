import {
  useEffect,
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type SyntheticEvent,
} from 'react';
import type { TokenColour } from '../../store/appState.ts';
import type { Alternative } from '../../store/labState.ts';
import type { Segment, Trace } from '../../../traces/trace.ts';
import { verdict } from '../../../traces/verdict.ts';
import { isBare } from '../stripParts.ts';
import { Passages } from './Passages.tsx';
import { TokenCard } from './TokenCard.tsx';
import { Tokens } from './Tokens.tsx';
import { Turn } from './Turn.tsx';
import styles from './Turns.module.css';

interface TurnsProps {
  readonly trace: Trace;
  readonly label: string;
  readonly streaming?: boolean;
  readonly colour: TokenColour;
  readonly goldMarked: boolean;
  /** The most likely tokens at an index, once they are known; absent where no live policy can tell. */
  readonly alternativesAt?: (index: number) => readonly Alternative[] | undefined;
  /** Asks for them; called when a visitor rests on a token. */
  readonly onToken?: (index: number) => void;
  /** Called with a token of the policy's own that was clicked, or on which Enter was pressed. */
  readonly onPick?: (index: number) => void;
  /** The token that stands out, and is brought into view when it changes. */
  readonly picked?: number | undefined;
  /** Per token, whether the rollout beside has it too. */
  readonly shared?: readonly boolean[];
  /** Only turns with a token from here (up to there) are shown. */
  readonly from?: number;
  readonly to?: number;
  /** What is to be said beneath a segment, by its index. */
  readonly noteOf?: (segment: number) => ReactNode;
}

interface Looked {
  readonly index: number;
  readonly place: { readonly left: number; readonly top: number };
}

/**
 * A whole rollout as turns. One Tab stop: within it, left and right arrows move from token to token, Home and End
 * to the ends; the card says what is known of the token under pointer or focus.
 */
export function Turns({
  trace,
  label,
  streaming = false,
  colour,
  goldMarked,
  alternativesAt,
  onToken,
  onPick,
  picked,
  shared,
  from = 0,
  to = Infinity,
  noteOf,
}: TurnsProps) {
  const root = useRef<HTMLDivElement>(null);
  const cardId = useId();
  const [looked, setLooked] = useState<Looked>();
  const [active, setActive] = useState<number>();
  const how = verdict(trace);
  const segments = turnsOf(trace).filter(({ start, end }) => end > from && start < to);
  const first = segments.find((segment) => segment.kind !== 'result')?.start;

  useEffect(() => {
    if (picked === undefined) return;
    const token = root.current?.querySelector(`[data-token="${picked}"]`);
    token?.scrollIntoView({ block: 'center' });
  }, [picked]);

  const pick = (target: EventTarget): boolean => {
    const found = tokenOf(target);
    if (found === undefined || onPick === undefined || trace.tokens.generated[found.index] !== true)
      return false;
    onPick(found.index);
    return true;
  };
  const look = (event: SyntheticEvent): void => {
    const found = tokenOf(event.target);
    const box = root.current?.getBoundingClientRect();
    if (found === undefined || box === undefined) {
      setLooked(undefined);
      return;
    }
    const token = found.element.getBoundingClientRect();
    const left = Math.max(0, Math.min(token.left - box.left, box.width - 264));
    setLooked({ index: found.index, place: { left, top: token.bottom - box.top + 4 } });
    if (event.type === 'focus') setActive(found.index);
    onToken?.(found.index);
  };
  const move = (event: KeyboardEvent): void => {
    const here = tokenOf(event.target);
    if ((event.key === 'Enter' || event.key === ' ') && pick(event.target)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === 'Escape' && looked !== undefined) {
      event.stopPropagation();
      setLooked(undefined);
    }
    const tokens = [...(root.current?.querySelectorAll<HTMLElement>('[data-token]') ?? [])];
    const at = here === undefined ? -1 : tokens.indexOf(here.element);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tokens.length - 1 }[event.key];
    const target = next === undefined || at < 0 ? undefined : tokens[next];
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    target.focus();
  };

  return (
    <div
      ref={root}
      className={styles.turns}
      onPointerOver={look}
      onPointerLeave={() => setLooked(undefined)}
      onFocus={look}
      onBlur={() => setLooked(undefined)}
      onKeyDown={move}
      onClick={(event) => pick(event.target)}
    >
      <ol aria-label={label} aria-busy={streaming}>
        {segments.map((segment, i) => (
          <Turn key={segment.start} kind={segment.kind} verdict={how}>
            <SegmentBody
              trace={trace}
              segment={segment}
              colour={colour}
              goldMarked={goldMarked}
              active={active ?? picked ?? first}
              picked={picked}
              pickable={onPick !== undefined}
              shared={shared}
              cardId={cardId}
            />
            {streaming && segment.kind !== 'result' && i === segments.length - 1 && (
              <span className={styles.caret} aria-hidden="true" />
            )}
            {noteOf?.(trace.segments.findIndex(({ start }) => start === segment.start))}
          </Turn>
        ))}
      </ol>
      {looked !== undefined && looked.index < trace.tokens.texts.length && (
        <TokenCard
          id={cardId}
          trace={trace}
          index={looked.index}
          alternatives={alternativesAt?.(looked.index)}
          place={looked.place}
        />
      )}
    </div>
  );
}

/** The segments that are turns; bare tokens after one belong to it, as the end of a response does to its answer. */
function turnsOf({ segments }: Trace): readonly Segment[] {
  const turns: Segment[] = [];
  for (const segment of segments) {
    const before = turns.at(-1);
    if (!isBare(segment)) turns.push(segment);
    else if (before !== undefined && before.kind !== 'result')
      turns[turns.length - 1] = { ...before, end: segment.end };
  }
  return turns;
}

interface SegmentBodyProps {
  readonly trace: Trace;
  readonly segment: Segment;
  readonly colour: TokenColour;
  readonly goldMarked: boolean;
  readonly active: number | undefined;
  readonly picked: number | undefined;
  readonly pickable: boolean;
  readonly shared: readonly boolean[] | undefined;
  readonly cardId: string;
}

function SegmentBody(props: SegmentBodyProps) {
  const { trace, segment, colour, goldMarked, active, picked, pickable, shared, cardId } = props;
  const index = trace.segments.findIndex(({ start }) => start === segment.start);
  const search = trace.searches.find((candidate) => candidate.resultSegment === index);
  if (segment.kind === 'result' && search !== undefined) {
    return (
      <Passages
        trace={trace}
        search={search}
        goldMarked={goldMarked}
        withQuery={trace.method !== undefined}
      />
    );
  }
  const here = active !== undefined && active >= segment.start && active < segment.end ? active : undefined;
  return (
    <Tokens
      trace={trace}
      start={segment.start}
      end={segment.end}
      colour={colour}
      active={here}
      picked={picked}
      pickable={pickable}
      shared={shared}
      cardId={cardId}
    />
  );
}

function tokenOf(target: EventTarget): { readonly element: HTMLElement; readonly index: number } | undefined {
  if (!(target instanceof HTMLElement)) return undefined;
  const text = target.dataset['token'];
  return text === undefined ? undefined : { element: target, index: Number(text) };
}
