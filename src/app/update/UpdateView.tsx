import { useMemo } from 'react';
import { variantNames, variantOf } from '../../grpo/variants/variants.ts';
import { RecordedTag } from '../components/RecordedTag.tsx';
import { Segmented } from '../components/Segmented.tsx';
import { counted } from '../components/format.ts';
import { canShow, shownGroup, shownPhase, type Phase, type UpdateRecord } from '../store/updateRecord.ts';
import type { RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { useRun } from '../store/useRun.ts';
import { useUpdateRecord } from '../store/useUpdateRecord.ts';
import { AdvantagePhase } from './AdvantagePhase.tsx';
import { ChangePhase } from './ChangePhase.tsx';
import { GradientPhase } from './GradientPhase.tsx';
import { GroupChoice } from './GroupChoice.tsx';
import { judged } from './judged.ts';
import { MovedPhase } from './MovedPhase.tsx';
import { ObjectivePhase } from './ObjectivePhase.tsx';
import { PhaseBar } from './PhaseBar.tsx';
import { PhaseSteps } from './PhaseSteps.tsx';
import { RewardPhase } from './RewardPhase.tsx';
import { RolloutsPhase } from './RolloutsPhase.tsx';
import { useSlowMotion } from './useSlowMotion.ts';
import styles from './UpdateView.module.css';

/** One update, phase by phase: made here, made here before, or recorded. */
export default function UpdateView() {
  useSlowMotion();
  const run = useRun();
  const record = useUpdateRecord();
  return (
    <div className={styles.update}>
      <h1 className="visuallyHidden">One update, by phase</h1>
      <PhaseBar record={record} />
      {run !== undefined && record !== undefined ? (
        <Update record={record} run={run} />
      ) : (
        <p className={styles.wait}>
          No update to show yet. “Make an update here” makes one with the recipe of this page and holds it
          after each phase.
        </p>
      )}
    </div>
  );
}

function Update({ record, run }: { readonly record: UpdateRecord; readonly run: RunView }) {
  const asked = useApp((state) => state.phase);
  const open = useApp((state) => state.open);
  const setView = useApp((state) => state.setView);
  const phase = shownPhase(record, asked);
  const number = shownGroup(record, open?.group);
  const place = record.groups.findIndex(({ group }) => group === number);
  const group = record.groups[place];
  const writing = record.watched?.writing;
  const question = group?.question ?? writing?.question;
  // Every group's push is in them: no one question is theirs.
  const ofBatch = phase === 'gradient' || phase === 'update';
  const batch = record.recipe.grpo.questions;
  return (
    <>
      <PhaseSteps record={record} shown={phase} />
      <div className={styles.head}>
        <div>
          <p className={styles.step}>
            Update {record.step}
            {record.watched?.optimiserStep !== undefined &&
              record.watched.optimiserStep.of > 1 &&
              ` · optimiser step ${record.watched.optimiserStep.at} of ${record.watched.optimiserStep.of}`}{' '}
            {record.source === 'recorded' && (
              <RecordedTag command={run.command ?? ''} seed={run.recipe.seed} />
            )}
          </p>
          <p className={styles.question}>
            {ofBatch ? 'The whole batch: one gradient, one step of the weights' : question?.text}
          </p>
        </div>
        {!ofBatch && <GroupChoice record={record} shown={number} />}
      </div>
      {!ofBatch && record.groups.length > 0 && record.groups.length < batch && (
        <p className={styles.partial}>
          The record holds {counted(record.groups.length, 'group', 'groups')} of the batch’s {batch}: weights,
          shares and means over the batch are of these.
        </p>
      )}
      {phase === 'rollouts' ? (
        <RolloutsPhase
          key={record.step}
          record={record}
          traces={group?.traces ?? writing?.traces ?? []}
          writing={group === undefined}
        />
      ) : group === undefined || !canShow(record, phase) ? (
        <p className={styles.wait} role="status">
          Being computed…
        </p>
      ) : phase === 'reward' ? (
        <RewardPhase group={group} />
      ) : (
        <Weighed
          record={record}
          phase={phase}
          place={place}
          rollout={Math.min(open?.rollout ?? 0, group.traces.length - 1)}
          onSelect={(rollout) => setView({ open: { group: number, rollout } })}
        />
      )}
    </>
  );
}

interface WeighedProps {
  readonly record: UpdateRecord;
  readonly phase: Exclude<Phase, 'rollouts' | 'reward'>;
  readonly place: number;
  readonly rollout: number;
  readonly onSelect: (rollout: number) => void;
}

/** The phases in which the variant decides. */
function Weighed({ record, phase, place, rollout, onSelect }: WeighedProps) {
  const chosen = useApp((state) => state.shownVariant);
  const preset = useApp((state) => state.preset);
  const setView = useApp((state) => state.setView);
  const own = record.recipe.grpo.variant;
  const variant = chosen ?? own;
  const result = useMemo(() => judged(record, variant, preset), [record, variant, preset]);
  const ownResult = useMemo(() => judged(record, own, preset), [record, own, preset]);
  const group = record.groups[place];
  if (group === undefined) return null;
  const recomputes = phase === 'advantage' || phase === 'objective';
  return (
    <>
      {recomputes && (
        <div className={styles.variants}>
          <span>Weighed by</span>
          <Segmented
            label="Variant"
            value={variant}
            options={variantNames.map((name) => ({ value: name, label: variantOf(name).label }))}
            onChange={(name) => setView({ shownVariant: name === own ? undefined : name })}
          />
          <p>
            {variant === own
              ? 'The variant that this update was made by.'
              : `The same rollouts under another variant, computed here; the update itself was ${variantOf(own).label}’s. Rewards stay as they were earned.`}
          </p>
        </div>
      )}
      {recomputes && typeof result === 'string' && <p className={styles.wait}>{result}</p>}
      {phase === 'advantage' && typeof result !== 'string' && (
        <AdvantagePhase
          group={group}
          rollouts={result.groups[place] ?? []}
          recipe={result.recipe}
          selected={rollout}
          onSelect={onSelect}
        />
      )}
      {phase === 'objective' && typeof result !== 'string' && (
        <ObjectivePhase
          key={`${record.step}.${place}`}
          group={group}
          place={place}
          judged={result}
          loss={variant === own ? record.watched?.loss : undefined}
        />
      )}
      {phase === 'gradient' && <GradientPhase record={record} />}
      {phase === 'update' && <ChangePhase record={record} />}
      {phase === 'moved' && (
        <MovedPhase
          record={record}
          group={group}
          rollouts={typeof ownResult === 'string' ? [] : (ownResult.groups[place] ?? [])}
        />
      )}
    </>
  );
}
