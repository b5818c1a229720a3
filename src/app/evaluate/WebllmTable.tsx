import { useState } from 'react';
import { Button } from '../components/Button.tsx';
import { duration } from '../components/format.ts';
import { openWebllmTraces } from '../components/openWebllmTraces.ts';
import { Segmented } from '../components/Segmented.tsx';
import { setLabel } from '../components/setLabel.ts';
import type { WebllmPlan } from '../../lab/webllmProtocol.ts';
import { hrefTo } from '../routing/hashLocation.ts';
import type { EvaluationState } from '../store/evaluationState.ts';
import { useApp } from '../store/store.ts';
import { evaluateWebllm, stopWebllm } from '../worker/webllm.ts';
import { setWords } from './names.ts';
import { NoScore, ScoreCell } from './ScoreCell.tsx';
import { ScoreTable } from './ScoreTable.tsx';
import styles from './WebllmTable.module.css';

/** Questions of a set: such a model takes seconds to minutes for each. */
const sizes = ['5', '10', '20', '50'].map((value) => ({ value, label: value }));

/** The model that web-llm holds on the same sets, told to search by the paper’s prompt: the row before any training. */
export function WebllmTable() {
  const webllm = useApp((state) => state.lab.webllm);
  const evaluation = useApp((state) => state.lab.webllmEvaluation);
  const table = useApp((state) => state.table);
  const [n, setN] = useState('10');
  const running = evaluation?.status === 'running';
  return (
    <section aria-labelledby="webllm-table">
      <h2 id="webllm-table" className={styles.head}>
        A larger model, by web-llm <em>ReSearch’s prompt, untrained; greedy</em>
      </h2>
      {webllm.status !== 'ready' && evaluation === undefined && (
        <p className={styles.about}>
          None is loaded. <a href={hrefTo('/models')}>Load one under Models</a> to ask it these questions too.
        </p>
      )}
      {(webllm.status === 'ready' || running) && (
        <div className={styles.bar}>
          {running ? (
            <Button look="primary" onClick={() => stopWebllm(evaluation.id)}>
              Stop web-llm
            </Button>
          ) : (
            <Button look="primary" onClick={() => void evaluateWebllm(table, Number(n))}>
              Ask {webllm.status === 'ready' && webllm.model}
            </Button>
          )}
          <span>Questions a set</span>
          <Segmented label="Questions a set for web-llm" value={n} options={sizes} onChange={setN} />
        </div>
      )}
      {evaluation !== undefined && <Results evaluation={evaluation} />}
    </section>
  );
}

function Results({ evaluation }: { readonly evaluation: EvaluationState<WebllmPlan> }) {
  const { plan, cells, status, progress } = evaluation;
  return (
    <>
      <p className={styles.about} role="status">
        {wordsOf(evaluation)}
      </p>
      <ScoreTable
        label={`Right answers of ${plan.model}`}
        columns={plan.sets.map((set) => ({ key: set, head: setLabel(set), words: setWords[set] }))}
        rows={[{ key: plan.model, head: plan.model, words: 'told to search by a prompt' }]}
        cell={(_, set) => {
          const cell = cells.find(({ row }) => row.set === set);
          if (cell !== undefined) {
            return (
              <ScoreCell
                numbers={cell.row}
                opens={`rollouts of ${setLabel(set)}`}
                onOpen={() => openWebllmTraces(`${plan.model}, ${setLabel(set)}`, cell.traces)}
              />
            );
          }
          if (status !== 'running') return <NoScore>–</NoScore>;
          return (
            <NoScore>
              {progress?.set === set ? `${progress.done} of ${progress.total} asked` : 'to come'}
            </NoScore>
          );
        }}
      />
    </>
  );
}

function wordsOf({ status, progress, plan, cells, seconds }: EvaluationState<WebllmPlan>): string {
  const asked = `${plan.model}, ${plan.n} questions a set, seed ${plan.worldSeed}`;
  switch (status) {
    case 'running':
      return progress === undefined
        ? `Making the world… ${asked}.`
        : `${setLabel(progress.set)}: ${progress.done} of ${progress.total} asked. ${asked}.`;
    case 'done':
      return `Run here in ${duration(seconds ?? 0)}: ${asked}.`;
    case 'stopped':
      return `Stopped after ${cells.length} of ${plan.sets.length} sets: ${asked}.`;
    case 'failed':
      return `Broke off after ${cells.length} of ${plan.sets.length} sets: ${asked}.`;
  }
}
