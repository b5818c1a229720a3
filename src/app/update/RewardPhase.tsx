import { fixed } from '../components/format.ts';
import { rewardSentence } from '../components/rewardWords.ts';
import { Strip } from '../components/Strip.tsx';
import { StripLegend } from '../components/StripLegend.tsx';
import { stripWords } from '../components/stripParts.ts';
import { Term } from '../components/Term.tsx';
import type { GroupResult } from '../../lab/protocol.ts';
import { HeatText } from './HeatText.tsx';
import styles from './Phase.module.css';

/** What each rollout earned, and which branch of the reward decided. */
export function RewardPhase({ group }: { readonly group: GroupResult }) {
  const scale = Math.max(1, ...group.traces.map(({ tokens }) => tokens.ids.length));
  return (
    <>
      <h2 className={styles.heading}>
        What each earned <em>right: {group.question.golds.join(' or ')} · open a rollout to read it</em>
      </h2>
      <StripLegend />
      <ol className={`${styles.rows} ${styles.numbered}`}>
        {group.traces.map((trace, i) => (
          <li key={trace.id}>
            <b className={styles.number}>{i + 1}</b>
            <details className={styles.opened}>
              <summary>
                <span className={styles.reward}>
                  <Strip trace={trace} scale={scale} />
                  <span className="visuallyHidden">{stripWords(trace)}</span>
                  <b>{trace.reward === undefined ? '–' : fixed(trace.reward.value)}</b>
                </span>
                <span className={styles.sentence}>{rewardSentence(trace)}</span>
              </summary>
              {trace.reward !== undefined && (
                <p className={styles.note}>
                  branch: {trace.reward.branch}
                  {trace.reward.answer !== undefined && ` · answer read: “${trace.reward.answer}”`} · exact
                  match {trace.reward.em} · F1 {fixed(trace.reward.f1)}
                  {trace.reward.shaping !== undefined && ` · length ${fixed(trace.reward.shaping)}`}
                </p>
              )}
              <HeatText trace={trace} label={`Rollout ${i + 1}`} />
            </details>
          </li>
        ))}
      </ol>
      <p className={styles.note}>
        The <Term name="reward">reward</Term> looks at the finished text alone: a rule, no model, and no pay
        for searching.
      </p>
    </>
  );
}
