import { useState } from 'react';
import { Figure } from '../components/figure/Figure.tsx';
import { probability, signed } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import type { JudgedRollout } from '../../grpo/judge.ts';
import type { MovedFinding, ReadPlace } from '../../lab/runFinding.ts';
import type { GroupResult } from '../../lab/protocol.ts';
import type { UpdateRecord } from '../store/updateRecord.ts';
import { Absent } from './Absent.tsx';
import { HeatText, type TokenLook } from './HeatText.tsx';
import { heatStep, heatTop } from './judged.ts';
import { WholePassages } from './WholePassages.tsx';
import styles from './Phase.module.css';
import moved from './MovedPhase.module.css';

interface MovedPhaseProps {
  readonly record: UpdateRecord;
  readonly group: GroupResult;
  readonly rollouts: readonly JudgedRollout[];
}

/** The same prefixes asked again after the update: what became likelier, what less. */
export function MovedPhase({ record, group, rollouts }: MovedPhaseProps) {
  const finding = record.watched?.moved;
  const [place, setPlace] = useState(0);
  if (finding === undefined) return <Absent what="What the update moved" />;
  const shown = finding.places[place] ?? finding.places[0];
  return (
    <div className={styles.split}>
      <div>
        <h2>
          What this group’s rollouts became{' '}
          <em>orange: likelier than before the update · blue: less likely</em>
        </h2>
        <Texts finding={finding} group={group} rollouts={rollouts} />
      </div>
      <aside className={styles.aside} aria-label="The same prefix, asked again">
        <div className={styles.panel}>
          <h2>
            The same prefix, asked again <em>thin: before · thick: after</em>
          </h2>
          {shown === undefined ? (
            <p className={styles.note}>Nothing has moved: no group of this batch had spread.</p>
          ) : (
            <>
              <p className={styles.note}>
                The tokens of the whole batch whose <Term name="probability">probability</Term> changed most:
              </p>
              <div className={moved.places} role="group" aria-label="Places that moved most">
                {finding.places.map((candidate, i) => (
                  <button
                    key={i}
                    type="button"
                    aria-pressed={candidate === shown}
                    onClick={() => setPlace(i)}
                    title={`group ${candidate.group + 1}, rollout ${candidate.rollout + 1}`}
                  >
                    {i + 1}
                  </button>
                ))}
              </div>
              <Choices place={shown} record={record} />
            </>
          )}
        </div>
      </aside>
    </div>
  );
}

/** Tokens of the prefix that are shown before the place. */
const shownPrefix = 22;

function Choices({ place, record }: { readonly place: ReadPlace; readonly record: UpdateRecord }) {
  const trace = record.groups.find(({ group }) => group === place.group)?.traces[place.rollout];
  const from = Math.max(0, place.token - shownPrefix);
  const prefix = trace?.tokens.texts.slice(from, place.token).join('') ?? '';
  const written = trace?.tokens.ids[place.token];
  const top = Math.max(...place.choices.map(({ before, after }) => Math.max(before, after)));
  return (
    <>
      <p className={styles.note}>{trace?.question.text}</p>
      <p className={moved.prefix}>
        {from > 0 && '…'}
        {prefix} <span aria-hidden="true">▮</span>
      </p>
      <Figure
        name="same-prefix-asked-again"
        caption={<p className={styles.note}>Next token: chance before → after</p>}
        table={() => ({
          columns: ['token', 'before', 'after'],
          rows: place.choices.map(({ text, before, after }) => [text, before, after]),
        })}
      >
        <ol className={moved.choices}>
          {place.choices.map(({ id, text, before, after }) => (
            <li key={id} className={id === written ? moved.written : undefined}>
              <code>{text.trim() === '' ? '␣' : text.trim()}</code>
              <span className={moved.bars} aria-hidden="true">
                <i style={{ width: `${(before / top) * 100}%` }} />
                <u
                  className={after > before ? moved.up : moved.down}
                  style={{ width: `${(after / top) * 100}%` }}
                />
              </span>
              <span className={moved.numbers}>
                {probability(before)} → {probability(after)}
              </span>
            </li>
          ))}
        </ol>
      </Figure>
      <p className={styles.note}>In bold: what the rollout had written there.</p>
    </>
  );
}

function Texts({
  finding,
  group,
  rollouts,
}: {
  readonly finding: MovedFinding;
  readonly group: GroupResult;
  readonly rollouts: readonly JudgedRollout[];
}) {
  const [whole, setWhole] = useState(false);
  const changes = group.traces.map((trace, r) =>
    trace.tokens.ids.map((_, t) => {
      const before = finding.before[group.group]?.[r]?.[t] ?? null;
      const after = finding.after[group.group]?.[r]?.[t] ?? null;
      return before === null || after === null
        ? undefined
        : { nats: after - before, chance: Math.exp(after) - Math.exp(before) };
    }),
  );
  const top = heatTop(changes.flat().map((change) => change?.chance ?? 0));
  return (
    <>
      <div className={styles.choice}>
        <WholePassages whole={whole} onChange={setWhole} />
      </div>
      <ol className={styles.rows}>
        {group.traces.map((trace, i) => {
          const all = changes[i]?.reduce((sum, change) => sum + (change?.nats ?? 0), 0) ?? 0;
          const advantage = rollouts[i]?.advantage ?? 0;
          return (
            <li key={trace.id}>
              <span className={styles.side}>
                <b className={all > 0 ? styles.moreText : all < 0 ? styles.lessText : undefined}>
                  {signed(all)}
                </b>
                <small>A {signed(advantage)}</small>
              </span>
              <HeatText
                trace={trace}
                label={`Rollout ${i + 1}`}
                short={!whole}
                look={(token): TokenLook | undefined => {
                  const change = changes[i]?.[token];
                  return change === undefined ? undefined : { heat: heatStep(change.chance, top) };
                }}
              />
            </li>
          );
        })}
      </ol>
      <p className={styles.note}>
        At the left: <Term name="rolloutChange">change of the whole rollout</Term> in nats, and its{' '}
        <Term name="advantage">advantage</Term>.
      </p>
    </>
  );
}
