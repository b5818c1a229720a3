import { useEffect, useRef, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { counted } from '../components/format.ts';
import { Strip } from '../components/Strip.tsx';
import { StripLegend } from '../components/StripLegend.tsx';
import { stripWords } from '../components/stripParts.ts';
import { lastBoxed } from '../../traces/boxed.ts';
import type { Trace } from '../../traces/trace.ts';
import type { UpdateRecord } from '../store/updateRecord.ts';
import { flyQuery } from './flyQuery.ts';
import { HeatText } from './HeatText.tsx';
import { IndexPanel } from './IndexPanel.tsx';
import { searchKey, type PlacedSearch } from './searchKey.ts';
import styles from './Phase.module.css';
import chip from './Chip.module.css';

interface RolloutsPhaseProps {
  readonly record: UpdateRecord;
  readonly traces: readonly Trace[];
  readonly writing: boolean;
}

/** The rollouts of one question as they are written, and what the index answered to their searches. */
export function RolloutsPhase({ record, traces, writing }: RolloutsPhaseProps) {
  const root = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set([0]));
  const allOpen = traces.every((_, i) => opened.has(i));
  const searches = traces.flatMap((trace, i) =>
    trace.searches.map((search, number): PlacedSearch => ({ search, rollout: trace.rollout ?? i, number })),
  );
  useFlights(root, searches, writing);
  const { groupSize } = record.recipe.grpo;
  const scale = writing
    ? record.recipe.rollout.maxTokens
    : Math.max(1, ...traces.map(({ tokens }) => tokens.ids.length));
  return (
    <div ref={root} className={styles.split}>
      <div>
        <h2>
          {counted(traces.length, 'rollout', 'rollouts')}, the same question and other dice{' '}
          <em>
            dotted: read from the index, not written
            {writing && ` · ${traces.filter(ended).length} of ${groupSize} have answered`}
          </em>
        </h2>
        <div className={styles.legend}>
          <StripLegend />
          {!writing && (
            <Button look="quiet" onClick={() => setOpened(new Set(allOpen ? [] : traces.keys()))}>
              {allOpen ? 'Fold all' : 'Open all'}
            </Button>
          )}
        </div>
        <ol className={`${styles.rows} ${styles.numbered}`}>
          {traces.map((trace, i) => (
            <li key={trace.id} data-rollout={trace.rollout ?? i}>
              <b className={styles.number}>{(trace.rollout ?? i) + 1}</b>
              {writing ? (
                <div className={styles.written}>
                  <Strip trace={trace} scale={scale} />
                  <span className="visuallyHidden">{stripWords(trace)}</span>
                  <HeatText trace={trace} label={`Rollout ${i + 1}`} streaming={!ended(trace)} />
                </div>
              ) : (
                <details
                  className={styles.opened}
                  open={opened.has(i)}
                  onToggle={({ currentTarget: { open } }) => setOpened((before) => toggled(before, i, open))}
                >
                  <summary>
                    <span className={styles.folded}>
                      <Strip trace={trace} scale={scale} />
                    </span>
                    <span className="visuallyHidden">{stripWords(trace)}</span>
                    {!opened.has(i) && <span className={styles.said}>{answerOf(trace)}</span>}
                  </summary>
                  {opened.has(i) && <HeatText trace={trace} label={`Rollout ${i + 1}`} />}
                </details>
              )}
            </li>
          ))}
        </ol>
      </div>
      <aside className={styles.aside} aria-label="The index">
        <IndexPanel searches={searches} />
      </aside>
    </div>
  );
}

/** The same set where nothing changed, so that opening all at once draws once. */
function toggled(before: ReadonlySet<number>, rollout: number, open: boolean): ReadonlySet<number> {
  if (before.has(rollout) === open) return before;
  const after = new Set(before);
  if (open) after.add(rollout);
  else after.delete(rollout);
  return after;
}

/** What the policy answered, out of its box where it made one: all that a folded rollout says. */
function answerOf({ segments }: Trace): string {
  const written = segments.findLast(({ kind }) => kind === 'answer')?.text;
  if (written === undefined) return 'no answer';
  return (lastBoxed(written) ?? written).trim() || 'an empty answer';
}

/** A snapshot does not say that no more will come; an answer that is closed does. */
const ended = ({ stop, segments, tokens }: Trace): boolean =>
  stop !== 'aborted' || segments.some(({ kind, end }) => kind === 'answer' && end < tokens.ids.length);

/** Each search that has come since the last look flies, and is shown in the list of the index. */
function useFlights(
  root: { readonly current: HTMLElement | null },
  searches: readonly PlacedSearch[],
  writing: boolean,
): void {
  const seen = useRef(new Set(searches.map(searchKey)));
  useEffect(() => {
    const fresh = searches.filter((search) => !seen.current.has(searchKey(search)));
    seen.current = new Set(searches.map(searchKey));
    if (root.current === null || !writing) return;
    for (const { search, rollout } of fresh) flyQuery(root.current, rollout, search, chip.chip ?? '');
    const last = fresh.at(-1);
    if (last !== undefined) showSearch(root.current, searchKey(last));
  }, [root, searches, writing]);
}

/** Brings a search into sight within the list, which alone is scrolled. */
function showSearch(root: HTMLElement, key: string): void {
  const item = root.querySelector<HTMLElement>(`[data-search="${key}"]`);
  const list = item?.parentElement;
  if (item === null || list === null || list === undefined) return;
  list.scrollTop = item.offsetTop - list.offsetTop;
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  item.animate([{ background: 'var(--result-bg)' }, { background: 'transparent' }], 1800);
}
