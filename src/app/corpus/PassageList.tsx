import { useVirtualizer } from '@tanstack/react-virtual';
import { useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { counted, grouped } from '../components/format.ts';
import { useApp } from '../store/store.ts';
import type { Index } from './useIndex.ts';
import { usePassages } from './usePassages.ts';
import styles from './PassageList.module.css';

interface PassageListProps {
  readonly index: Index;
  readonly kind: string | undefined;
}

const rowHeight = 40;

/**
 * Every passage, filtered as one types; only the rows in sight are drawn. Of a kept corpus, whose texts stay on file, the
 * titles alone are looked through.
 */
export function PassageList({ index, kind }: PassageListProps) {
  const [filter, setFilter] = useState('');
  const chosen = useApp((state) => state.passage);
  const setView = useApp((state) => state.setView);
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const { ids, titles } = index;
  const texts = 'passages' in index.corpus ? index.corpus.passages : undefined;
  const rows = useMemo(() => {
    const words = filter.trim().toLowerCase();
    return titles.flatMap((title, place) => {
      if (kind !== undefined && index.kinds[place] !== kind) return [];
      const looked = texts === undefined ? title : `${title}\n${texts[place]?.text ?? ''}`;
      return looked.toLowerCase().includes(words) ? [place] : [];
    });
  }, [titles, texts, index.kinds, kind, filter]);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are used in this component only
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const shown = virtual.getVirtualItems();
  const passageAt = usePassages(
    index,
    shown.flatMap(({ index: row }) => rows[row] ?? []),
  );
  const at = rows.findIndex((place) => ids[place] === chosen);
  const move = (event: KeyboardEvent): void => {
    const to = {
      ArrowDown: Math.min(at + 1, rows.length - 1),
      ArrowUp: Math.max(at - 1, 0),
      PageDown: Math.min(at + 8, rows.length - 1),
      PageUp: Math.max(at - 8, 0),
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    const passage = ids[rows[to ?? -1] ?? -1];
    if (to === undefined || passage === undefined) return;
    event.preventDefault();
    setView({ passage });
    virtual.scrollToIndex(to);
  };
  return (
    <section className={styles.section} aria-labelledby={`${id}head`}>
      <div className={styles.head}>
        <h2 id={`${id}head`}>Passages</h2>
        <input
          type="search"
          aria-label="Filter the passages"
          placeholder={texts === undefined ? 'Filter by title…' : 'Filter by title or text…'}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <p role="status">
          {rows.length === ids.length
            ? counted(ids.length, 'passage', 'passages')
            : `${grouped(rows.length)} of ${counted(ids.length, 'passage', 'passages')}`}
        </p>
      </div>
      <div
        ref={scroller}
        className={styles.scroller}
        role="listbox"
        tabIndex={0}
        aria-label="Passages"
        aria-activedescendant={at < 0 ? undefined : `${id}${at}`}
        onKeyDown={move}
      >
        <div role="presentation" style={{ height: virtual.getTotalSize() }} className={styles.all}>
          {shown.map(({ index: row, start }) => {
            const place = rows[row] ?? -1;
            const passage = ids[place];
            if (passage === undefined) return null;
            const read = passageAt(place);
            return (
              <div
                key={passage}
                id={`${id}${row}`}
                role="option"
                aria-selected={row === at}
                aria-setsize={rows.length}
                aria-posinset={row + 1}
                className={styles.row}
                style={{ transform: `translateY(${start}px)`, height: rowHeight }}
                onClick={() => setView({ passage })}
              >
                <b>{read?.title ?? titles[place]}</b>
                <span className={styles.kind}>{index.kinds[place] ?? ''}</span>
                <span className={styles.text}>{read?.text}</span>
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}
