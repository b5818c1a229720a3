import { useEffect, useRef } from 'react';
import { detectors } from '../../traces/behaviours.ts';
import type { Behaviour, Segment } from '../../traces/trace.ts';
import { actions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import { fixed } from '../components/format.ts';
import { rewardSentence } from '../components/rewardWords.ts';
import { Turns } from '../components/rollout/Turns.tsx';
import { Strip } from '../components/Strip.tsx';
import { useApp } from '../store/store.ts';
import { BehaviourNames } from '../components/rollout/BehaviourNames.tsx';
import type { Placed } from './showing.ts';
import { titleOf } from './shares.ts';
import styles from './Reading.module.css';

interface ReadingProps {
  readonly placed: Placed;
  readonly step: number;
  readonly name: Behaviour;
  /** Opened from the list, not by a link. */
  readonly chosen: boolean;
}

/** One rollout in full, with what makes it show the behaviour said first. */
export function Reading({ placed: { group, rollout, trace }, step, name, chosen }: ReadingProps) {
  const goldMarked = useApp((state) => state.goldMarked);
  const setPlay = useApp((state) => state.setPlay);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Below the list on a narrow page: what was opened comes into sight and is read out.
    if (chosen && matchMedia('(max-width: 1000px)').matches) heading.current?.focus();
  }, [chosen, trace.id]);
  const places = detectors[name].find(trace).flatMap((i) => trace.segments[i] ?? []);
  return (
    <article className={styles.reading} aria-label="Rollout">
      <div className={styles.head}>
        <p>
          Update {step} · group {group.group + 1} · rollout {rollout + 1} of {group.traces.length}
        </p>
        <Button look="quiet" onClick={actions.closeSeen.perform} hint="Esc">
          Close
        </Button>
      </div>
      <h3 ref={heading} tabIndex={-1}>
        {trace.question.text}
        <small>{trace.question.golds[0] !== undefined && `right: ${trace.question.golds[0]}`}</small>
      </h3>
      <Strip trace={trace} scale={trace.tokens.ids.length} tall />
      <dl className={styles.facts}>
        <dt>{titleOf(name)}</dt>
        <dd>
          {places.length === 0
            ? 'Not in this rollout.'
            : places.map((segment) => <Quote key={segment.start} segment={segment} />)}
        </dd>
        <dt>In all</dt>
        <dd>
          <BehaviourNames trace={trace} />
        </dd>
        {trace.reward !== undefined && (
          <>
            <dt>Reward {fixed(trace.reward.value)}</dt>
            <dd>{rewardSentence(trace)}</dd>
          </>
        )}
      </dl>
      <label className={styles.gold}>
        <input
          type="checkbox"
          checked={goldMarked}
          onChange={(event) => setPlay({ goldMarked: event.target.checked })}
        />{' '}
        gold pages
      </label>
      <Turns key={trace.id} trace={trace} label="What it did" colour="none" goldMarked={goldMarked} />
    </article>
  );
}

const does: Readonly<Record<Segment['kind'], string>> = {
  think: 'thinks',
  search: 'searches',
  result: 'reads',
  answer: 'answers',
  text: 'ends',
};

const LONGEST = 120;

function Quote({ segment: { kind, text } }: { readonly segment: Segment }) {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return (
    <span className={styles.quote}>
      {does[kind]} <q>{cut}</q>
    </span>
  );
}
