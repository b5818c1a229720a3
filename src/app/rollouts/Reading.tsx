import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { actions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import { fixed } from '../components/format.ts';
import { HeatBar } from '../components/rollout/HeatBar.tsx';
import { Turns } from '../components/rollout/Turns.tsx';
import { WhyReward } from '../components/rollout/WhyReward.tsx';
import { Strip } from '../components/Strip.tsx';
import { stripWords } from '../components/stripParts.ts';
import { Term } from '../components/Term.tsx';
import type { TermName } from '../components/terms.ts';
import { detectors } from '../../traces/behaviours.ts';
import { generatedTokens } from '../../traces/means.ts';
import { behaviourNames, type Trace } from '../../traces/trace.ts';
import type { RolloutEntry } from '../store/rolloutList.ts';
import { useApp } from '../store/store.ts';
import { Beside, Forks } from './Beside.tsx';
import { Compare } from './Compare.tsx';
import { GoldChain } from './GoldChain.tsx';
import { TokenPanel } from './TokenPanel.tsx';
import { useBeside } from './useBeside.tsx';
import styles from './Reading.module.css';

interface ReadingProps {
  readonly entry: RolloutEntry;
  /** Tokens of a strip of the full width, where strips stand together. */
  readonly scale: number;
}

/** One rollout read in full, alone or with another beside it; what is to be known of it at the side. */
export function Reading({ entry, scale }: ReadingProps) {
  const { trace, group, place } = entry;
  const colour = useApp((state) => state.tokenColour);
  const goldMarked = useApp((state) => state.goldMarked);
  const token = useApp((state) => state.token);
  const heading = useRef<HTMLHeadingElement>(null);
  const beside = useBeside(entry);
  const { setRollouts } = useApp.getState();
  const notes = useMemo(() => notesOf(trace), [trace]);
  useEffect(() => {
    // Where the list is hidden this is the page: it begins at its heading, for eyes and screen readers.
    if (!matchMedia('(max-width: 1240px)').matches) return;
    heading.current?.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }, [entry.key]);
  const pick = (index: number): void => setRollouts({ token: index });
  const { origin, update, index, entries } = group;
  return (
    <div className={beside === undefined ? styles.reading : `${styles.reading} ${styles.two}`}>
      <article className={styles.rollout} aria-label="Rollout">
        <div className={styles.head}>
          <p>
            {update !== undefined && `Update ${update} · `}group {index + 1} · rollout {place + 1} of{' '}
            {entries.length}
            {origin.kind === 'file' && ` · ${origin.file.name}`}
          </p>
          <span>
            <Button
              look="quiet"
              onClick={actions.rolloutUp.perform}
              aria-label="Previous rollout in the list"
            >
              ‹
            </Button>
            <Button look="quiet" onClick={actions.rolloutDown.perform} aria-label="Next rollout in the list">
              ›
            </Button>
            <Button
              look="quiet"
              onClick={actions.rolloutCompare.perform}
              hint="c"
              disabled={entries.length < 2 && beside === undefined}
            >
              {beside === undefined ? 'Compare' : 'Read alone'}
            </Button>
            <Button look="quiet" onClick={actions.share.perform} hint="l">
              Copy link
            </Button>
            <Button
              look="quiet"
              onClick={() => setRollouts({ token: undefined, beside: undefined, ...closed() })}
              hint="Esc"
            >
              Close
            </Button>
          </span>
        </div>
        <h2 ref={heading} tabIndex={-1}>
          {group.question.text === '' ? 'A question that the file does not tell' : group.question.text}
        </h2>
        {beside === undefined && (
          <>
            <Strip trace={trace} scale={trace.tokens.texts.length} tall />
            <span className="visuallyHidden">{stripWords(trace)}</span>
          </>
        )}
        <HeatBar trace={trace} />
        {beside === undefined ? (
          <Turns
            trace={trace}
            label="What it did"
            colour={colour}
            goldMarked={goldMarked}
            onPick={pick}
            picked={token}
            noteOf={(segment) => notes.get(segment)}
          />
        ) : beside.side === undefined ? (
          <p role="status">{beside.waiting}</p>
        ) : (
          <Compare
            left={{ label: `Rollout ${place + 1}`, trace }}
            right={beside.side}
            onPick={pick}
            picked={token}
          />
        )}
        {beside === undefined && (
          <p className={styles.hint}>
            Click a token, or Tab to it and press Enter: what is known of it, and what else could have stood
            there.
          </p>
        )}
      </article>
      <aside className={styles.side} aria-label="About this rollout">
        {token !== undefined && (
          <Panel title="Token" onClose={() => setRollouts({ token: undefined })}>
            <TokenPanel key={token} entry={entry} index={token} />
          </Panel>
        )}
        <Forked entry={entry} scale={scale} />
        <Panel title="Why this reward">
          <WhyReward trace={trace} group={numbersOf(entry)} grpo={grpoOf(entry)} />
          <GoldChain entry={entry} />
        </Panel>
        {entries.length > 1 && (
          <Panel title="Beside it">
            <Beside entry={entry} scale={scale} />
          </Panel>
        )}
        <Panel title="Facts">
          <Facts trace={trace} />
        </Panel>
      </aside>
    </div>
  );
}

/** Closes what is open, wherever it is of. */
function closed(): { readonly openInFile: undefined } {
  useApp.getState().setView({ open: undefined });
  return { openInFile: undefined };
}

function Forked({ entry, scale }: ReadingProps) {
  const any = useApp((state) => state.forks.some(({ of }) => of === entry.key));
  if (!any) return null;
  return (
    <Panel title="Forks">
      <Forks entry={entry} scale={scale} />
    </Panel>
  );
}

interface PanelProps {
  readonly title: string;
  readonly onClose?: () => void;
  readonly children: ReactNode;
}

function Panel({ title, onClose, children }: PanelProps) {
  return (
    <section
      className={onClose === undefined ? styles.panel : `${styles.panel} ${styles.sheet}`}
      aria-label={title}
    >
      <div className={styles.title}>
        <h3>{title}</h3>
        {onClose !== undefined && (
          <Button look="quiet" onClick={onClose} aria-label={`Close ${title.toLowerCase()}`}>
            ×
          </Button>
        )}
      </div>
      {children}
    </section>
  );
}

/** What today's detectors see, at the segment where it shows; each is defined where it stands first. */
function notesOf(trace: Trace): ReadonlyMap<number, ReactNode> {
  const names = new Map<number, { readonly title: string; readonly about: string }[]>();
  for (const name of behaviourNames) {
    const { definition, find } = detectors[name];
    find(trace).forEach((segment, i) => {
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      names.set(segment, [...(names.get(segment) ?? []), { title, about: i === 0 ? definition : '' }]);
    });
  }
  return new Map(
    [...names].map(([segment, list]) => [
      segment,
      <div key={segment} className={styles.notes}>
        {list.map(({ title, about }) => (
          <p key={title}>
            <b>{title}.</b> {about}
          </p>
        ))}
      </div>,
    ]),
  );
}

function numbersOf({ group }: RolloutEntry) {
  const { mean, std, entries } = group;
  return mean === undefined || std === undefined || entries.length < 2
    ? undefined
    : { mean, std, size: entries.length };
}

/** By what the advantage was taken; of a file only where it was worked out here. */
function grpoOf({ group: { origin } }: RolloutEntry) {
  if (origin.kind === 'run') return origin.recipe.grpo;
  return origin.file.advantagesWorkedOut ? ({ variant: 'grpo', divideByStd: true } as const) : undefined;
}

const stops: Readonly<Record<Trace['stop'], string>> = {
  eos: 'ended by itself',
  length: 'cut at the most tokens',
  searches: 'cut at the most searches',
  aborted: 'broken off, or its end is not told',
};

const seconds = (milliseconds: number): string => `${fixed(milliseconds / 1000, 1)}\u202fs`;

function Facts({ trace }: { readonly trace: Trace }) {
  const unit = trace.pieces === 'words' ? 'words' : 'tokens';
  const rows: readonly (readonly [string, string | undefined, (TermName | undefined)?])[] = [
    [
      unit,
      `${trace.tokens.texts.length}, ${generatedTokens(trace)} its own`,
      unit === 'tokens' ? unit : undefined,
    ],
    ['searches', String(trace.searches.length), 'searches'],
    ['end', stops[trace.stop]],
    ['hops', trace.question.hops === undefined ? undefined : String(trace.question.hops), 'hops'],
    ['set', trace.question.set],
    ['policy', trace.policy],
    ['updates before', trace.step === undefined ? undefined : String(trace.step)],
    ['seed', trace.seed === undefined ? undefined : String(trace.seed), 'seed'],
    ['took', trace.milliseconds === undefined ? undefined : seconds(trace.milliseconds)],
  ];
  const absent = rows.flatMap(([name, value]) => (value === undefined ? [name] : []));
  return (
    <>
      <dl className={styles.facts}>
        {rows.map(
          ([name, value, term]) =>
            value !== undefined && (
              <div key={name}>
                <dt>{term === undefined ? name : <Term name={term}>{name}</Term>}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {absent.length > 0 && <p className={styles.hint}>Not known here: {absent.join(', ')}.</p>}
    </>
  );
}
