import { describe, expect, it } from 'vitest';
import { presets } from '../../../src/lab/presets.ts';
import type { RunFinding } from '../../../src/lab/protocol.ts';
import { foldWatched, type Watched } from '../../../src/app/store/watched.ts';
import { canShow, shownGroup, shownPhase, updateRecord } from '../../../src/app/store/updateRecord.ts';
import type { RunView } from '../../../src/app/store/runView.ts';
import { byLayer } from '../../../src/app/update/layers.ts';
import { heatStep, heatTop, judged } from '../../../src/app/update/judged.ts';
import { recordedFixture } from '../../e2e/recordedFixture.ts';

const recorded = recordedFixture();
const groups = recorded.groups[0]?.groups ?? [];
const [group] = groups;
if (!group) throw new Error('the fixture has no group');

const run = (source: RunView['source']): RunView => ({
  source,
  recipe: presets.tiny,
  backend: '',
  steps: recorded.steps,
  kept: recorded.groups,
  evaluations: [],
});

const objective = { phase: 'objective', optimiserStep: { at: 1, of: 1 }, groups, loss: 0 } as const;
const told: readonly RunFinding[] = [
  { phase: 'writing', group: 0, question: group.question, traces: group.traces.slice(0, 1) },
  { phase: 'rollouts', groups, replaced: 0 },
  { phase: 'advantage', groups },
  objective,
];
const watchedAfter = (count: number): Watched =>
  told
    .slice(0, count)
    .reduce<Watched | undefined>((state, finding) => foldWatched(state, 4, finding), undefined) ??
  foldWatched(undefined, 4, objective);

describe('an update to look at', () => {
  it('reaches as far as has been told, and not further', () => {
    const reached = told.map((_, i) => updateRecord(run('live'), watchedAfter(i + 1), undefined)?.reached);
    // Rewards come with the finished rollouts.
    expect(reached).toEqual(['rollouts', 'reward', 'advantage', 'objective']);
    const record = updateRecord(run('live'), watchedAfter(3), undefined);
    if (!record) throw new Error('no record');
    expect(canShow(record, 'advantage')).toBe(true);
    expect(canShow(record, 'objective')).toBe(false);
    expect(shownPhase(record, undefined)).toBe('advantage');
    expect(shownPhase(record, 'reward')).toBe('reward');
  });

  it('is the one that is asked for, with what its row of the curves tells', () => {
    const record = updateRecord(run('live'), watchedAfter(4), 2);
    expect(record).toMatchObject({ step: 2, reached: 'moved', gradNorm: 1 });
    expect(record?.watched).toBeUndefined();
    expect(updateRecord(run('recorded'), watchedAfter(4), undefined)?.step).toBe(3);
    expect(updateRecord(undefined, watchedAfter(4), undefined)).toBeUndefined();
  });

  it('shows a group that teaches something, unless another is opened', () => {
    const flat = { ...group, group: 0, stdReward: 0 };
    const kept = [{ step: 1, groups: [flat, { ...group, group: 1 }] }];
    const record = updateRecord({ ...run('recorded'), kept }, undefined, undefined);
    if (!record) throw new Error('no record');
    expect(shownGroup(record, undefined)).toBe(1);
    expect(shownGroup(record, 0)).toBe(0);
  });

  it('begins anew with another update, and drops what was half written', () => {
    const next = foldWatched(watchedAfter(4), 5, told[0] as RunFinding);
    expect(next).toMatchObject({ step: 5, reached: 'rollouts', groups: [] });
    expect(next.loss).toBeUndefined();
    expect(foldWatched(next, 5, told[1] as RunFinding).writing).toBeUndefined();
  });
});

describe('weighing it by a variant', () => {
  const record = updateRecord(run('recorded'), undefined, 1);
  if (!record) throw new Error('no record');
  const advantages = (variant: Parameters<typeof judged>[1]): number[] => {
    const result = judged(record, variant, 'tiny');
    if (typeof result === 'string') throw new Error(result);
    return (result.groups[0] ?? []).map(({ advantage }) => advantage);
  };

  it('uses the numbers that the variant brings', () => {
    const [low = 0, high = 0] = advantages('grpo');
    expect(high).toBeCloseTo(Math.SQRT1_2, 4);
    expect(low).toBeCloseTo(-Math.SQRT1_2, 4);
    const rewards = group.traces.map(({ reward }) => reward?.value ?? 0);
    const half = ((rewards[1] ?? 0) - (rewards[0] ?? 0)) / 2;
    expect(advantages('dr-grpo')[1]).toBeCloseTo(half, 6);
    expect(advantages('rloo')[1]).toBeCloseTo(2 * half, 6);
  });
});

describe('drawing it', () => {
  it('gathers tensors by layer; norms of parts add as squares', () => {
    const layers = byLayer([
      { name: 'model.norm.weight', norm: 1 },
      { name: 'model.layers.1.mlp.up_proj.weight', norm: 3 },
      { name: 'model.layers.1.self_attn.q_proj.weight', norm: 4 },
      { name: 'model.embed_tokens.weight', norm: 2 },
      { name: 'model.layers.0.mlp.up_proj.weight', norm: 6 },
      { name: 'lm_head.weight', norm: 7 },
    ]);
    expect(layers.map(({ name, norm }) => [name, norm])).toEqual([
      ['embedding', 2],
      ['layer 1', 6],
      ['layer 2', 5],
      ['last norm', 1],
      ['head', 7],
    ]);
  });

  it('keeps the sign, and lets one outlier not pale all others', () => {
    const values = [...Array.from({ length: 99 }, (_, i) => (i + 1) / 100), 50];
    const top = heatTop(values);
    expect(top).toBeLessThan(1.01);
    expect([-50, -0.5, -0.001, 0, 0.2, 0.9].map((value) => heatStep(value, top))).toEqual([
      -3, -2, 0, 0, 1, 3,
    ]);
  });
});
