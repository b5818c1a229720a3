import { useEffect, useRef } from 'react';
import { actions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import { fixed } from '../components/format.ts';
import { rewardSentence } from '../components/rewardWords.ts';
import { HeatBar } from '../components/rollout/HeatBar.tsx';
import { Turns } from '../components/rollout/Turns.tsx';
import { SidePanel } from '../components/SidePanel.tsx';
import { Strip } from '../components/Strip.tsx';
import { stripWords } from '../components/stripParts.ts';
import type { GroupResult } from '../../lab/protocol.ts';
import { earned } from '../../traces/earned.ts';
import type { Trace } from '../../traces/trace.ts';
import { goTo } from '../routing/hashLocation.ts';
import type { RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { AdvantageFormula } from '../components/rollout/AdvantageFormula.tsx';
import styles from './RolloutPanel.module.css';

interface RolloutPanelProps {
  readonly run: RunView;
  readonly step: number;
  readonly group: GroupResult;
  readonly rollout: number;
}

/** One rollout of the batch, read in full: beside the groups on a wide screen, a page of its own on a phone. */
export function RolloutPanel({ run, step, group, rollout }: RolloutPanelProps) {
  const trace = group.traces[rollout];
  const colour = useApp((state) => state.tokenColour);
  const goldMarked = useApp((state) => state.goldMarked);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // On a phone the panel covers the page: what is read out and scrolled is the panel from here on.
    if (matchMedia('(max-width: 1000px)').matches) heading.current?.focus();
  }, [group.group, rollout, step]);
  if (trace === undefined) return null;
  return (
    <SidePanel
      label="Rollout"
      head={`Update ${step} · group ${group.group + 1} · rollout ${rollout + 1} of ${group.traces.length}`}
      actions={
        <>
          <Button look="quiet" onClick={actions.previousRollout.perform} aria-label="Previous rollout">
            ‹
          </Button>
          <Button look="quiet" onClick={actions.nextRollout.perform} aria-label="Next rollout">
            ›
          </Button>
          <Button look="quiet" onClick={() => goTo('/rollouts')}>
            Read in full
          </Button>
          <Button look="quiet" onClick={actions.closeRollout.perform} hint="Esc">
            Close
          </Button>
        </>
      }
    >
      <h2 ref={heading} tabIndex={-1} className={styles.question}>
        {group.question.text}
        <small>{group.question.golds[0] !== undefined && `right: ${group.question.golds[0]}`}</small>
      </h2>
      <Strip trace={trace} scale={trace.tokens.ids.length} tall />
      <span className="visuallyHidden">{stripWords(trace)}</span>
      <Reward trace={trace} group={group} run={run} />
      <HeatBar trace={trace} />
      <Turns key={trace.id} trace={trace} label="What it did" colour={colour} goldMarked={goldMarked} />
      <Facts trace={trace} />
    </SidePanel>
  );
}

function Reward({
  trace,
  group,
  run,
}: {
  readonly trace: Trace;
  readonly group: GroupResult;
  readonly run: RunView;
}) {
  return (
    <div className={styles.reward}>
      {trace.reward !== undefined && (
        <p>
          <b>Reward {fixed(trace.reward.value)}.</b> {rewardSentence(trace)}
        </p>
      )}
      <AdvantageFormula
        reward={trace.reward && earned(trace)}
        mean={group.meanReward}
        std={group.stdReward}
        size={group.traces.length}
        advantage={trace.advantage}
        variant={run.recipe.grpo.variant}
        divideByStd={run.recipe.grpo.divideByStd}
      />
      {trace.behaviours?.includes('self-correction') === true && (
        <p>
          <b>Self-correction.</b> It says that it went wrong, searches anew, and gets a page it needs.
        </p>
      )}
    </div>
  );
}

const stops: Readonly<Record<Trace['stop'], string>> = {
  eos: 'ended by itself',
  length: 'cut at the most tokens',
  searches: 'cut at the most searches',
  aborted: 'broken off',
};

function Facts({ trace }: { readonly trace: Trace }) {
  const written = trace.tokens.generated.filter(Boolean).length;
  return (
    <p className={styles.hint}>
      {trace.tokens.ids.length} tokens, {written} of them its own · {stops[trace.stop]} · policy{' '}
      {trace.policy}
      {trace.seed !== undefined && ` · seed ${trace.seed}`}
    </p>
  );
}
