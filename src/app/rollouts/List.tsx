import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, type KeyboardEvent } from 'react';
import { actions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import { counted, fixed } from '../components/format.ts';
import { StripLegend } from '../components/StripLegend.tsx';
import { Term } from '../components/Term.tsx';
import type { RolloutEntry, RolloutGroup, RolloutList } from '../store/rolloutList.ts';
import { openKey } from '../store/rolloutList.ts';
import { useApp } from '../store/store.ts';
import { Row } from './Row.tsx';
import styles from './List.module.css';
import row from './Row.module.css';

interface ListProps {
  readonly list: RolloutList;
  /** Tokens of a strip of the full width. */
  readonly scale: number;
  /** Beside a rollout that is being read. */
  readonly narrow: boolean;
}

type Item =
  | { readonly kind: 'group'; readonly group: RolloutGroup; readonly shown: number }
  | { readonly kind: 'rollout'; readonly entry: RolloutEntry; readonly place: number };

const onPhone = matchMedia('(max-width: 760px)').matches;

/** In pixels. Fingers need more room than a pointer. */
const heights = matchMedia('(pointer: coarse)').matches
  ? ({ group: 52, rollout: 40, alone: 56 } as const)
  : ({ group: 46, rollout: 27, alone: 46 } as const);

/** All rollouts that the filter lets through. Only those in sight are drawn, so thousands cost what a screen costs. */
export function List({ list, scale, narrow }: ListProps) {
  const { shown, all } = list;
  const grouped = useApp((state) => state.order.by === 'batch');
  const open = useApp((state) => openKey(state, all[0]?.group.update));
  const cursor = useApp((state) => state.cursor) ?? open;
  const scroller = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const items = useMemo(() => itemsOf(shown, grouped), [shown, grouped]);
  // The compiler of React does not know this library; nothing here is memoised by it.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => {
      const item = items[i];
      return item?.kind === 'group' ? heights.group : grouped ? heights.rollout : heights.alone;
    },
    getItemKey: (i) => keyOf(items[i], i),
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [virtual, items, grouped]);

  // The mark came by key or by opening: bring it into sight, and the focus with it, unless somebody is typing.
  useEffect(() => {
    const at = items.findIndex((item) => item.kind === 'rollout' && item.entry.key === cursor);
    if (at < 0) return;
    virtual.scrollToIndex(at, { align: 'auto' });
    const { activeElement } = document;
    wantsFocus.current =
      activeElement === document.body || scroller.current?.contains(activeElement) === true;
    // Scrolled once a mark; filtering must not pull the list about.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [cursor, narrow]);
  useEffect(() => {
    if (!wantsFocus.current || cursor === undefined) return;
    const marked = scroller.current?.querySelector<HTMLElement>(`[data-row="${cursor}"]`);
    if (marked === null || marked === undefined) return;
    wantsFocus.current = false;
    marked.focus({ preventScroll: true });
  });

  const move = (event: KeyboardEvent): void => {
    const action = { ArrowDown: actions.rolloutDown, ArrowUp: actions.rolloutUp }[event.key];
    if (action === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    action.perform();
  };

  if (all.length === 0) return <Nothing />;
  if (shown.length === 0) return <p className={styles.none}>No rollout fits these filters.</p>;
  const first = shown[0]?.key;
  const reached = shown.some(({ key }) => key === cursor) ? cursor : first;
  return (
    <>
      {!narrow && <Legend />}
      {!narrow && (
        <p className={row.columns}>
          <span>a rollout a strip, its length its tokens</span>
          <span />
          <span>
            <Term name="reward">reward</Term>
          </span>
          <span>
            <Term name="advantage">advantage</Term>
          </span>
          <span>
            <Term name="searches">searches</Term>
          </span>
        </p>
      )}
      <div
        ref={scroller}
        className={`${styles.scroller} ${narrow ? styles.narrow : ''}`}
        onKeyDown={move}
        tabIndex={-1}
      >
        <ul
          className={styles.items}
          style={{ height: virtual.getTotalSize() }}
          aria-label={`${counted(shown.length, 'rollout', 'rollouts')}; j and k move, Enter opens`}
        >
          {virtual.getVirtualItems().map(({ index, start, size }) => {
            const item = items[index];
            if (item === undefined) return null;
            return (
              <li
                key={keyOf(item, index)}
                style={{ transform: `translateY(${start}px)`, height: size }}
                aria-setsize={item.kind === 'rollout' ? shown.length : undefined}
                aria-posinset={item.kind === 'rollout' ? item.place + 1 : undefined}
              >
                {item.kind === 'group' ? (
                  <GroupHead group={item.group} shown={item.shown} />
                ) : (
                  <Row
                    entry={item.entry}
                    scale={scale}
                    alone={!grouped}
                    open={item.entry.key === open}
                    marked={item.entry.key === cursor}
                    reached={item.entry.key === reached}
                  />
                )}
              </li>
            );
          })}
        </ul>
      </div>
    </>
  );
}

const keyOf = (item: Item | undefined, i: number): string =>
  item === undefined ? String(i) : item.kind === 'group' ? `g${item.group.key}` : item.entry.key;

/** In the order of the batch, each group has a line of its own above its rollouts. */
function itemsOf(shown: readonly RolloutEntry[], grouped: boolean): readonly Item[] {
  const items: Item[] = [];
  let group: RolloutGroup | undefined;
  const sizes = new Map<RolloutGroup, number>();
  if (grouped) for (const entry of shown) sizes.set(entry.group, (sizes.get(entry.group) ?? 0) + 1);
  shown.forEach((entry, place) => {
    if (grouped && entry.group !== group) {
      group = entry.group;
      items.push({ kind: 'group', group, shown: sizes.get(group) ?? 0 });
    }
    items.push({ kind: 'rollout', entry, place });
  });
  return items;
}

function GroupHead({ group, shown }: { readonly group: RolloutGroup; readonly shown: number }) {
  const { question, update, index, entries, mean, std } = group;
  const spread = std === undefined || std === 0 || entries.length < 2 ? '' : ` ± ${fixed(std)}`;
  const parts = [
    update === undefined ? undefined : `update ${update}`,
    `group ${index + 1}`,
    shown < entries.length ? `${shown} of ${entries.length} rollouts` : undefined,
    mean === undefined ? undefined : `reward ${fixed(mean)}${spread}`,
    std === 0 && entries.length > 1 ? 'no spread: it teaches nothing' : undefined,
  ];
  return (
    <div className={styles.group}>
      <p title={question.text}>{question.text === '' ? 'question not told' : question.text}</p>
      <small>{parts.filter((part) => part !== undefined).join(' · ')}</small>
    </div>
  );
}

/** What a row says; on a phone, where there is no room for it above the list, folded. */
function Legend() {
  const words = (
    <div className={styles.legend}>
      <StripLegend />
      <p>
        <span aria-hidden="true">↻</span> corrects itself
      </p>
    </div>
  );
  if (!onPhone) return words;
  return (
    <details className={styles.folded}>
      <summary>A strip is a rollout: what its colours say</summary>
      {words}
      <p>
        At the right its <Term name="reward">reward</Term> and <Term name="advantage">advantage</Term>.
      </p>
    </details>
  );
}

function Nothing() {
  const recorded = useApp((state) => state.recorded.status === 'ready');
  const reading = useApp(
    (state) => state.recorded.status === 'unread' || state.recorded.status === 'reading',
  );
  if (reading) return <p className={styles.none}>Reading the recorded run…</p>;
  return (
    <div className={styles.none}>
      {recorded && (
        <p>
          This tab’s run has no rollouts yet; they come with its first update.{' '}
          <Button onClick={() => useApp.getState().setView({ source: 'recorded', open: undefined })}>
            Read the recorded run
          </Button>
        </p>
      )}
      <p>
        {recorded ? 'Or train' : 'No rollouts yet. Train'} here, or open a file of rollouts: this page’s own,
        ReSearch, FlashRAG, verl, verifiers, UNIPO, RLLoggingBoard, R1-Searcher, chat messages, or plain text
        with tags.
      </p>
    </div>
  );
}
