import { useId, useMemo, useState, type ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import type { RolloutFilter, RolloutOrder, RolloutSort } from '../store/rolloutFilter.ts';
import { behavioursIn, hopsOf } from '../store/rolloutFilter.ts';
import type { RolloutEntry, RolloutList } from '../store/rolloutList.ts';
import { useApp } from '../store/store.ts';
import { verdict, type Verdict } from '../../traces/verdict.ts';
import styles from './Filters.module.css';

const verdictWords: Readonly<Record<Verdict, string>> = {
  right: 'right',
  partly: 'partly right',
  wrong: 'wrong',
  broken: 'form broken',
  unscored: 'not scored',
};

const sortWords: Readonly<Record<RolloutSort, string>> = {
  batch: 'order of the batch',
  reward: 'reward',
  advantage: 'advantage',
  searches: 'searches',
  tokens: 'length',
};

/** What narrows the list. Every choice says how many of all rollouts it stands for. */
export function Filters({ list, narrow }: { readonly list: RolloutList; readonly narrow: boolean }) {
  const [wideOpen, setWideOpen] = useState(() => matchMedia('(min-width: 1000px)').matches);
  const [narrowOpen, setNarrowOpen] = useState(false);
  const filter = useApp((state) => state.filter);
  const order = useApp((state) => state.order);
  const { setRollouts } = useApp.getState();
  const counts = useMemo(() => countsOf(list.all), [list.all]);
  const set = (change: { readonly [K in keyof RolloutFilter]?: RolloutFilter[K] | undefined }): void => {
    const next = Object.entries({ ...filter, ...change }).filter(
      ([, value]) => value !== undefined && value !== '',
    );
    setRollouts({ filter: Object.fromEntries(next) });
  };
  const active = Object.keys(filter).length;
  return (
    <div className={styles.filters} role="search" aria-label="Narrow the list">
      <label className={styles.find}>
        <span className="visuallyHidden">Search in questions and rollouts</span>
        <input
          id="rollout-search"
          type="search"
          placeholder="Search in questions and rollouts"
          aria-keyshortcuts="/"
          value={filter.text ?? ''}
          onChange={(event) => set({ text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            event.currentTarget.blur();
          }}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
      <details
        className={styles.more}
        open={narrow ? narrowOpen : wideOpen}
        onToggle={(event) => (narrow ? setNarrowOpen : setWideOpen)(event.currentTarget.open)}
      >
        <summary>
          Filters{active > 0 && <b> · {active}</b>} · sorted by {sortWords[order.by]}
        </summary>
        <div className={styles.fields}>
          <Choice
            label="Answer"
            value={filter.verdict}
            counts={counts.verdict}
            words={(value) => verdictWords[value as Verdict] ?? value}
            onChange={(value) => set({ verdict: value })}
          />
          <Choice
            label="Reward branch"
            value={filter.branch}
            counts={counts.branch}
            onChange={(value) => set({ branch: value })}
          />
          <Choice
            label="Behaviour"
            value={filter.behaviour}
            counts={counts.behaviour}
            onChange={(value) => set({ behaviour: value })}
          />
          <Choice
            label="Hops"
            value={text(filter.hops)}
            counts={counts.hops}
            onChange={(value) => set({ hops: value === undefined ? undefined : Number(value) })}
          />
          <Choice
            label="Searches"
            value={text(filter.searches)}
            counts={counts.searches}
            onChange={(value) => set({ searches: value === undefined ? undefined : Number(value) })}
          />
          <Choice
            label="Update"
            value={text(filter.update)}
            counts={counts.update}
            onChange={(value) => set({ update: value === undefined ? undefined : Number(value) })}
          />
          <Field label="Reward from">
            {(id) => (
              <span className={styles.range}>
                <Bound
                  id={id}
                  label="Reward from"
                  value={filter.rewardFrom}
                  onChange={(value) => set({ rewardFrom: value })}
                />
                <span>to</span>
                <Bound
                  label="Reward to"
                  value={filter.rewardTo}
                  onChange={(value) => set({ rewardTo: value })}
                />
              </span>
            )}
          </Field>
          <Field label="Sort by">
            {(id) => (
              <select
                id={id}
                value={`${order.down ? '-' : ''}${order.by}`}
                onChange={(event) => setRollouts({ order: orderOf(event.target.value) })}
              >
                {(Object.entries(sortWords) as [RolloutSort, string][]).flatMap(([by, words]) => [
                  ...(by === 'batch'
                    ? []
                    : [
                        <option key={`-${by}`} value={`-${by}`}>
                          {words}, most first
                        </option>,
                      ]),
                  <option key={by} value={by}>
                    {by === 'batch' ? words : `${words}, least first`}
                  </option>,
                ])}
              </select>
            )}
          </Field>
          <Button look="quiet" disabled={active === 0} onClick={() => setRollouts({ filter: {} })}>
            Clear
          </Button>
        </div>
      </details>
    </div>
  );
}

const text = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

function orderOf(value: string): RolloutOrder {
  const down = value.startsWith('-');
  return { by: (down ? value.slice(1) : value) as RolloutSort, down };
}

type Counts = ReadonlyMap<string, number>;

/** How many rollouts have each value; the most frequent first, numbers in their order. */
function countsOf(entries: readonly RolloutEntry[]) {
  const count = (of: (entry: RolloutEntry) => readonly (string | number | undefined)[]): Counts => {
    const counts = new Map<string, number>();
    for (const entry of entries)
      for (const value of of(entry)) {
        if (value !== undefined) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
      }
    return new Map(
      [...counts].sort(([a, n], [b, m]) => (Number.isNaN(Number(a)) ? m - n : Number(a) - Number(b))),
    );
  };
  return {
    verdict: count(({ trace }) => [verdict(trace)]),
    branch: count(({ trace }) => [trace.reward?.branch]),
    behaviour: count(({ trace }) => behavioursIn(trace)),
    hops: count((entry) => [hopsOf(entry)]),
    searches: count(({ trace }) => [trace.searches.length]),
    update: count(({ group }) => [group.update]),
  };
}

interface FieldProps {
  readonly label: string;
  readonly children: (id: string) => ReactNode;
}

function Field({ label, children }: FieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly counts: Counts;
  readonly words?: (value: string) => string;
  readonly onChange: (value: string | undefined) => void;
}

function Choice({ label, value, counts, words = (same) => same, onChange }: ChoiceProps) {
  // A link may name what no rollout here has.
  const all = value === undefined || counts.has(value) ? [...counts] : [...counts, [value, 0] as const];
  return (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          value={value ?? ''}
          className={value === undefined ? undefined : styles.set}
          onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
        >
          <option value="">any</option>
          {all.map(([name, count]) => (
            <option key={name} value={name}>
              {words(name)} ({count})
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface BoundProps {
  readonly id?: string;
  readonly label: string;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

function Bound({ id, label, value, onChange }: BoundProps) {
  return (
    <input
      id={id}
      type="number"
      step="0.1"
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => {
        const next = event.target.valueAsNumber;
        onChange(Number.isFinite(next) ? next : undefined);
      }}
    />
  );
}
