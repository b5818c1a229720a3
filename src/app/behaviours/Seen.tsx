import { useState } from 'react';
import { counted, fixed } from '../components/format.ts';
import { Button } from '../components/Button.tsx';
import { StripLegend } from '../components/StripLegend.tsx';
import { Term } from '../components/Term.tsx';
import { Strip } from '../components/Strip.tsx';
import { stripWords } from '../components/stripParts.ts';
import type { Behaviour } from '../../traces/trace.ts';
import type { KeptUpdate } from '../store/labState.ts';
import { goTo } from '../routing/hashLocation.ts';
import { useApp } from '../store/store.ts';
import { Reading } from './Reading.tsx';
import { rolloutsOf, showing, type Placed } from './showing.ts';
import styles from './Seen.module.css';

/** Rollouts listed at first. */
const FIRST = 24;

/** The list of Rollouts, narrowed to an update and to what shows a behaviour; the opened one stays open. */
function readInRollouts(update: number, behaviour: Behaviour): void {
  const { setRollouts } = useApp.getState();
  setRollouts({ listed: 'run', filter: { behaviour, update }, token: undefined, beside: undefined });
  goTo('/rollouts');
}

/** The rollouts of an update that show a behaviour, and the opened one in full. */
export function Seen({ update, name }: { readonly update: KeptUpdate; readonly name: Behaviour }) {
  const open = useApp((state) => state.open);
  const setView = useApp((state) => state.setView);
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState(false);
  const rollouts = rolloutsOf(update);
  const seen = showing(update, name);
  const opened = rollouts.find(
    ({ group, rollout }) => group.group === open?.group && rollout === open.rollout,
  );
  const scale = Math.max(40, ...rollouts.map(({ trace }) => trace.tokens.ids.length));
  const listed = all ? seen : seen.slice(0, FIRST);
  return (
    <section className={styles.section} aria-labelledby="seen-rollouts">
      <div className={styles.head}>
        <h2 id="seen-rollouts" aria-live="polite">
          {counted(seen.length, 'rollout shows', 'rollouts show')} it{' '}
          <small>
            of the {rollouts.length} kept of update {update.step}
          </small>
        </h2>
        {seen.length > 0 && (
          <Button look="quiet" onClick={() => readInRollouts(update.step, name)}>
            Read {seen.length === 1 ? 'it' : 'them'} in Rollouts, token by token
          </Button>
        )}
      </div>
      {seen.length > 0 && <StripLegend />}
      <div className={opened === undefined ? undefined : styles.split}>
        {seen.length > 0 && (
          <div>
            <p className={styles.columns}>
              <Term name="reward">reward</Term>
            </p>
            <ul className={styles.list}>
              {inGroups(listed).map((placed) => (
                <li key={placed[0].group.group}>
                  <p className={styles.question}>{placed[0].group.question.text}</p>
                  {placed.map(({ group, rollout, trace }) => (
                    <button
                      key={trace.id}
                      type="button"
                      className={styles.row}
                      aria-pressed={opened?.trace === trace}
                      onClick={() => {
                        setChosen(true);
                        setView({
                          open: opened?.trace === trace ? undefined : { group: group.group, rollout },
                          step: update.step,
                        });
                      }}
                    >
                      <span className="visuallyHidden">Rollout {rollout + 1}: </span>
                      <Strip trace={trace} scale={scale} />
                      <span className="visuallyHidden">{stripWords(trace)}; reward</span>
                      <span className={styles.reward}>{fixed(trace.reward?.value ?? 0)}</span>
                    </button>
                  ))}
                </li>
              ))}
            </ul>
            {listed.length < seen.length && (
              <Button look="quiet" onClick={() => setAll(true)}>
                The other {seen.length - listed.length}
              </Button>
            )}
          </div>
        )}
        {opened !== undefined && <Reading placed={opened} step={update.step} name={name} chosen={chosen} />}
      </div>
    </section>
  );
}

/** The rollouts of one question stand together, under it. */
function inGroups(placed: readonly Placed[]): readonly (readonly [Placed, ...Placed[]])[] {
  const groups: [Placed, ...Placed[]][] = [];
  for (const one of placed) {
    const last = groups.at(-1);
    if (last?.[0].group === one.group) last.push(one);
    else groups.push([one]);
  }
  return groups;
}
