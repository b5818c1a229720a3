import { describe, expect, it } from 'vitest';
import { emptyLab, type LabInput, type LabState } from '../../../src/app/store/labState.ts';
import { keptUpdates, reduceLab } from '../../../src/app/store/reduceLab.ts';
import type { LabEvent, LabRequest, LoadedInfo, StepMetrics } from '../../../src/lab/protocol.ts';
import { presets } from '../../../src/lab/presets.ts';
import { recordedFixture } from '../../e2e/recordedFixture.ts';
import { makeTrace } from './traces.ts';

const metrics = (step: number): StepMetrics => ({
  step,
  reward: 0.1 * step,
  em: 0,
  f1: 0,
  formatRate: 1,
  searches: 1,
  responseTokens: 20,
  selfCorrections: 0,
  entropy: 0.5,
  kl: 0,
  clipFraction: 0,
  zeroSpreadGroups: 0,
  gradNorm: 1,
  secondsRollout: 1,
  secondsTrain: 1,
  tokensGenerated: 100,
  tokensTrained: 200,
});

const told = (...events: readonly LabEvent[]): LabInput[] =>
  events.map((event) => ({ from: 'worker', event }));
const asked = (request: LabRequest): LabInput => ({ from: 'page', request });
const fold = (inputs: readonly LabInput[], from: LabState = emptyLab): LabState =>
  inputs.reduce(reduceLab, from);

const load = asked({ type: 'load', recipe: presets.tiny, backend: 'wasm', baseUrl: '/' });
const info: LoadedInfo = {
  backend: 'wasm',
  backendLabel: 'WebAssembly',
  parameters: 1000,
  trainable: 1000,
  weights: 'f32',
  prior: [],
  memoryBytes: 1,
  hasTrained: true,
};
const loaded = told({ type: 'loaded', info }, { type: 'state', state: 'ready' });
const running = fold([
  load,
  ...loaded,
  asked({ type: 'start' }),
  ...told(
    { type: 'state', state: 'running' },
    { type: 'phase', step: 1, phase: 'rollouts', done: 3, total: 16 },
    { type: 'update', metrics: metrics(1), groups: [] },
    { type: 'update', metrics: metrics(2), groups: [] },
  ),
]);

describe('the page’s view of the worker', () => {
  it('is loading from the request on, and has the recipe once it has come', () => {
    const state = fold([load]);
    expect(state.run).toBe('loading');
    expect(state.recipe).toBeUndefined();
    const ready = fold(loaded, state);
    expect(ready.run).toBe('ready');
    expect(ready.recipe).toBe(presets.tiny);
    expect(ready.backend).toBe('wasm');
    expect(ready.pending).toBeUndefined();
  });

  it('is not ready by what the ending of the run before a load tells', () => {
    const again = fold([load, ...told({ type: 'state', state: 'ready' })], running);
    expect(again.run).toBe('loading');
    expect(fold(loaded, again).run).toBe('ready');
  });

  it('forgets passages that were indexed for what was loaded before', () => {
    const corpus = { type: 'corpus', id: 3, name: 'w', passages: [], questions: [] } as const;
    const with3 = fold(told(corpus), running);
    expect(with3.corpus?.id).toBe(3);
    expect(fold([load, ...loaded], with3).corpus).toBeUndefined();
  });

  it('collects the rows of the curves and the phase under way', () => {
    expect(running.steps.map((row) => row.step)).toEqual([1, 2]);
    expect(running.phase).toEqual({ step: 1, phase: 'rollouts', done: 3, total: 16 });
  });

  it('keeps the groups of the newest updates only, and every row', () => {
    const many = Array.from({ length: keptUpdates + 7 }, (_, i) => i + 1);
    const state = fold(many.flatMap((step) => told({ type: 'update', metrics: metrics(step), groups: [] })));
    expect(state.steps).toHaveLength(keptUpdates + 7);
    expect(state.kept).toHaveLength(keptUpdates);
    expect(state.kept[0]?.step).toBe(8);
  });

  it('shows what was written last until the next update writes, and no longer than the run goes on', () => {
    const group = recordedFixture().groups[0]?.groups[0];
    if (group === undefined) throw new Error('the fixture has no group');
    const { question, traces } = group;
    const writing = fold(told({ type: 'writing', step: 3, question, traces }), running);
    const updated = fold(told({ type: 'update', metrics: metrics(3), groups: [] }), writing);
    expect(updated.writing).toMatchObject({ step: 3, traces });
    expect(fold(told({ type: 'state', state: 'paused' }), updated).writing).toBeUndefined();
    expect(fold([asked({ type: 'pace', pace: 0 })], updated).writing).toBeUndefined();
  });

  it('takes an update told twice once', () => {
    const state = fold(told({ type: 'update', metrics: metrics(2), groups: [] }), running);
    expect(state.steps.map((row) => row.step)).toEqual([1, 2]);
  });

  it('goes on with a paused run, and begins anew from a finished one', () => {
    const paused = fold(told({ type: 'state', state: 'paused' }), running);
    expect(fold([asked({ type: 'start' })], paused).steps).toHaveLength(2);
    const done = fold(told({ type: 'state', state: 'done' }), running);
    expect(done.steps).toHaveLength(2);
    expect(fold([asked({ type: 'start' })], done).steps).toHaveLength(0);
  });

  it('keeps the curves of a stopped run until the next begins', () => {
    const stopping = fold([asked({ type: 'stop' })], running);
    expect(stopping.run).toBe('pausing');
    const stopped = fold(told({ type: 'state', state: 'ready' }), stopping);
    expect(stopped.steps).toHaveLength(2);
    expect(stopped.phase).toBeUndefined();
    expect(fold([asked({ type: 'start' })], stopped).steps).toHaveLength(0);
  });

  it('tells an error without losing anything, until it is dismissed', () => {
    const state = fold(told({ type: 'error', request: 'play', id: 4, message: 'too long' }), running);
    expect(state.run).toBe('running');
    expect(state.steps).toBe(running.steps);
    expect(state.notices).toEqual([{ key: 1, request: 'play', id: 4, message: 'too long' }]);
    expect(fold([{ from: 'visitor', dismiss: 1 }], state).notices).toEqual([]);
  });

  it('does not wait for ever for a load that failed', () => {
    const state = fold([load, ...told({ type: 'error', request: 'load', message: 'no such model' })]);
    expect(state.run).toBe('failed');
  });

  it('still has what was loaded before a load that failed', () => {
    const other = asked({ type: 'load', recipe: presets.quick, backend: 'webgpu', baseUrl: '/' });
    const state = fold(
      [other, ...told({ type: 'error', request: 'load', message: 'no such model' })],
      running,
    );
    expect(state.run).toBe('ready');
    expect(state.recipe).toBe(presets.tiny);
    expect(state.steps).toBe(running.steps);
    expect(state.kept).toBe(running.kept);
  });

  it('forgets the run and the embedding model of what was loaded before, once the new is there', () => {
    const embedder = { type: 'embedder', id: 2, name: 'mine', dimension: 7 } as const;
    const state = fold([...told(embedder), load, ...loaded], running);
    expect(state.steps).toEqual([]);
    expect(state.embedder).toBeUndefined();
  });

  it('is silent about a rollout that was broken off on purpose', () => {
    const stopped = told({ type: 'error', request: 'play', id: 5, message: 'Stopped.' });
    expect(fold([asked({ type: 'cancel', id: 5 }), ...stopped], running).notices).toEqual([]);
  });

  it('keeps the newest play rollouts, by id', () => {
    const trace = makeTrace({});
    const ids = Array.from({ length: 42 }, (_, i) => i + 1);
    const state = fold(ids.flatMap((id) => told({ type: 'play', id, trace, done: id % 2 === 0 })));
    expect(Object.keys(state.plays)).toEqual(Array.from({ length: 40 }, (_, i) => String(i + 3)));
    expect(state.plays[42]).toEqual({ trace, done: true });
  });

  it('holds the newest that was told of web-llm, through a load of the page’s own engine', () => {
    const ready = { status: 'ready', model: 'm', seconds: 2 } as const;
    const state = fold([...told({ type: 'webllm', state: ready }), load, ...loaded], running);
    expect(state.webllm).toEqual(ready);
  });

  it('tells what a model of web-llm’s was asked in Evaluate from what the page’s own policies were', () => {
    const plan = { sets: ['musique'], n: 5, worldSeed: 1, model: 'm' } as const;
    const progress = { method: 'research-untrained', set: 'musique', done: 2, total: 5 } as const;
    const state = fold(
      [
        asked({ type: 'webllm-evaluate', id: 9, plan }),
        ...told({ type: 'evaluationProgress', id: 9, progress }),
        asked({ type: 'cancel', id: 9 }),
      ],
      running,
    );
    expect(state.webllmEvaluation).toMatchObject({ id: 9, plan, status: 'stopped', progress });
    expect(state.evaluation).toBeUndefined();
  });

  it('never changes the state it was given', () => {
    const before = structuredClone(running);
    fold(
      [load, ...told({ type: 'state', state: 'failed', detail: 'lost' }), asked({ type: 'stop' })],
      running,
    );
    expect(running).toEqual(before);
  });
});
