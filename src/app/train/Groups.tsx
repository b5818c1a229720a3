import { useEffect, useMemo, useRef, type KeyboardEvent } from 'react';
import { StripLegend } from '../components/StripLegend.tsx';
import { counted } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import type { RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { ExportButton } from './ExportButton.tsx';
import { ComingGroups } from './ComingGroups.tsx';
import { Group } from './Group.tsx';
import { Scrubber } from './Scrubber.tsx';
import { useShownUpdate } from '../store/useRun.ts';
import styles from './Groups.module.css';

/** The batch of the update on the screen: a question a group, a strip a rollout. */
export function Groups({ run }: { readonly run: RunView }) {
  const update = useShownUpdate(run);
  const step = useApp((state) => state.step);
  const open = useApp((state) => state.open);
  const root = useRef<HTMLDivElement>(null);
  // One scale for the whole run: strips of different updates can be compared.
  const scale = useMemo(
    () =>
      Math.max(
        1,
        ...run.kept.flatMap(({ groups }) =>
          groups.flatMap(({ traces }) => traces.map((t) => t.tokens.ids.length)),
        ),
      ),
    [run.kept],
  );
  // What had the focus may have gone with the panel: back to the strip that it was opened by.
  const read = useRef<string>(undefined);
  useEffect(() => {
    const was = read.current;
    read.current = open === undefined ? undefined : `${open.group}.${open.rollout}`;
    if (open !== undefined || was === undefined || document.activeElement !== document.body) return;
    root.current?.querySelector<HTMLElement>(`[data-strip="${was}"]`)?.focus();
  }, [open]);
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (
      by === undefined ||
      !(event.target instanceof HTMLElement) ||
      event.target.dataset['strip'] === undefined
    )
      return;
    const strips = [...(root.current?.querySelectorAll<HTMLElement>('[data-strip]') ?? [])];
    const next = strips[strips.indexOf(event.target) + by];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
    if (open !== undefined) next.click();
  };
  // A recording that plays has groups from its first update on, or holds none.
  if (update === undefined && run.source === 'recorded' && run.steps.length > 0) return null;
  const { questions, groupSize } = run.recipe.grpo;
  return (
    <section className={styles.section} aria-labelledby="batch">
      <div className={styles.head}>
        <h2 id="batch">Update {update?.step ?? 1}</h2>
        <p>
          {update !== undefined && update.groups.length < questions
            ? `${update.groups.length} of the batch’s ${questions} groups`
            : counted(questions, 'group', 'groups')}{' '}
          · a strip is one rollout: its length is its tokens, its colours what it did
        </p>
        <Scrubber run={run} />
        <ExportButton update={update} />
      </div>
      {update !== undefined && step !== undefined && step !== update.step && (
        <p className={styles.gap}>
          The groups of update {step} are not kept; these are the nearest that are.
        </p>
      )}
      <div className={styles.keys}>
        <StripLegend />
        <p className={styles.columns}>
          <Term name="reward">reward</Term>
          <span className={styles.advantage}>
            <span aria-hidden="true">◂ </span>
            <Term name="advantage">advantage</Term>
            <span aria-hidden="true"> ▸</span>
          </span>
          <span>
            <Term name="mean">mean</Term> ± <Term name="spread">spread</Term>
          </span>
        </p>
      </div>
      {update === undefined ? (
        <ComingGroups questions={questions} groupSize={groupSize} />
      ) : (
        <div ref={root} className={styles.groups} onKeyDown={move}>
          {update.groups.map((group, i) => (
            // By place: of another update other groups may be kept, and what stands here changes where it stands.
            <Group key={i} result={group} step={update.step} scale={scale} first={i === 0} />
          ))}
        </div>
      )}
    </section>
  );
}
