import { Strip } from '../components/Strip.tsx';
import { stripWords } from '../components/stripParts.ts';
import type { Trace } from '../../traces/trace.ts';
import type { RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import styles from './Writing.module.css';

/** Letters of a rollout's end that are shown. */
const shownEnd = 160;

/** In slow motion: the rollouts of one group as they are written, each a growing strip with its last words. */
export function Writing({ run }: { readonly run: RunView }) {
  const writing = useApp(({ lab, pace }) =>
    run.source === 'live' && pace !== 'full' ? lab.writing : undefined,
  );
  if (writing === undefined) return null;
  const { step, question, traces } = writing;
  return (
    <section className={styles.section} aria-labelledby="writing">
      <h2 id="writing">
        Being written, update {step}{' '}
        <em>the first group, every token as it is drawn · slow motion changes nothing that is learned</em>
      </h2>
      <p className={styles.question}>{question.text}</p>
      <ol>
        {traces.map((trace, i) => (
          <li key={trace.rollout ?? i}>
            <b>{(trace.rollout ?? i) + 1}</b>
            <Strip trace={trace} scale={run.recipe.rollout.maxTokens} />
            <span className="visuallyHidden">{stripWords(trace)}</span>
            <p className={styles.end}>
              <span>{endOf(trace)}</span>
              {!hasAnswered(trace) && <i aria-hidden="true" />}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** A snapshot does not say that no more will come; an answer that is closed does. */
const hasAnswered = ({ segments, tokens }: Trace): boolean => {
  const answer = segments.find(({ kind }) => kind === 'answer');
  return answer !== undefined && answer.end < tokens.ids.length;
};

const endOf = ({ tokens }: Trace): string => tokens.texts.join('').slice(-shownEnd);
