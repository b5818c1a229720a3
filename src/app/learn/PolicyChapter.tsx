import { useState } from 'react';
import type { Trace } from '../../traces/trace.ts';
import { Button } from '../components/Button.tsx';
import { counted, percent, probability } from '../components/format.ts';
import { useApp } from '../store/store.ts';
import { askAlternatives } from '../worker/asking.ts';
import { ensureLoaded } from '../worker/labClient.ts';
import { chances } from './lessons.ts';
import { Predict } from './Predict.tsx';
import { useRecordedRun } from './recordedRun.ts';
import { Slider } from './Slider.tsx';
import { useScrolled } from './useScrolled.ts';
import styles from './chapters.module.css';

/** One rollout of the policy as pretrained, token by token; with the engine, what else it could have said. */
export function PolicyChapter() {
  const trace = useRecordedRun()?.pairs[0]?.base;
  const [asked, scrolled] = useScrolled();
  if (trace === undefined) return <p className={styles.wait}>Reading the recorded run…</p>;
  const { tokens, sure, open } = chances(trace);
  return (
    <Predict
      asked={asked}
      question={`“${trace.question.text}” The policy writes an answer of ${tokens} tokens. How many of them was it nearly sure of?`}
      options={['Hardly any: it draws freely', 'Most of them', 'All of them: it is a program']}
      right={sure === tokens ? 2 : sure > tokens / 2 ? 1 : 0}
      outcome={
        <>
          It gave {sure} of {counted(tokens, 'token', 'tokens')} a probability above {percent(0.9)}, and{' '}
          {open} a probability below {percent(0.5)}. Those few are where one rollout parts from the next;
          training does nothing but change such probabilities.
        </>
      }
    >
      <TokenByToken trace={trace} scrolled={scrolled} />
    </Predict>
  );
}

interface TokenByTokenProps {
  readonly trace: Trace;
  /** How much of it has been written by scrolling, 0 to 1. */
  readonly scrolled: number;
}

function TokenByToken({ trace, scrolled }: TokenByTokenProps) {
  const own = trace.tokens.generated.flatMap((generated, i) => (generated ? [i] : []));
  const [moved, setMoved] = useState<number>();
  // It writes itself as the reader scrolls, until the slider is taken.
  const place = moved ?? Math.round(scrolled * (own.length - 1));
  const [asked, setAsked] = useState<{ readonly index: number; readonly id: number }>();
  const loaded = useApp((state) => state.lab.info !== undefined);
  const loading = useApp((state) => state.lab.run === 'loading');
  const index = own[place] ?? 0;
  const others = useApp((state) => (asked?.index === index ? state.lab.alternatives[asked.id] : undefined));
  const logprob = trace.tokens.logprobs?.[index] ?? undefined;

  const ask = (at: number): void => {
    const prefix = [...trace.prompt.ids, ...trace.tokens.ids.slice(0, at)];
    const id = askAlternatives(prefix, 'base');
    if (id !== undefined) setAsked({ index: at, id });
  };
  const move = (to: number): void => {
    setMoved(to);
    if (loaded) ask(own[to] ?? 0);
  };
  return (
    <>
      <p className={styles.prompt}>
        {trace.tokens.texts.slice(0, index).map((text, i) => (
          <span key={i}>{text}</span>
        ))}
        {/* Another token, not the same one moved. */}
        <mark key={index}>{trace.tokens.texts[index]}</mark>
        <span className={styles.unwritten}>{trace.tokens.texts.slice(index + 1).join('')}</span>
      </p>
      <Slider
        label="Token"
        value={place}
        min={0}
        max={own.length - 1}
        step={1}
        words={`${place + 1} of ${own.length}`}
        onMove={move}
      />
      <p key={index} className={styles.formula}>
        It was given{' '}
        <b>
          {logprob === undefined || logprob === null
            ? 'an unknown probability'
            : probability(Math.exp(logprob))}
        </b>{' '}
        and drawn.
      </p>
      {others === undefined ? (
        <p className={styles.below}>
          <Button disabled={loading} onClick={() => void ensureLoaded().then((came) => came && ask(index))}>
            {loading ? 'Loading the engine…' : 'What else could it have said?'}
          </Button>
        </p>
      ) : (
        <ol className={`${styles.others} ${styles.below}`} aria-label="Most likely here">
          {others.map(({ text, probability: p }, i) => (
            <li key={i}>
              <code>{text === '\n' ? '⏎' : text}</code>
              <i style={{ width: `${100 * p}%` }} />
              <span>{probability(p)}</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
