import { describe, expect, it } from 'vitest';
import { overlaysOf, recordedId } from '../../../src/app/store/overlays.ts';
import { readRunFile, writeRunFile, type StoredRun } from '../../../src/app/store/storedRun.ts';
import { startRecorded } from '../../../src/app/store/recordedState.ts';
import { recordedFixture } from '../../e2e/recordedFixture.ts';

const recorded = recordedFixture();

const run: StoredRun = {
  version: 1,
  id: 'one',
  name: 'quick, seed 1',
  begun: 1,
  changed: 2,
  recipe: recorded.recipe,
  backend: 'WebAssembly',
  steps: recorded.steps,
  evaluations: [{ when: 'before', step: 0, scores: recorded.before }],
  turned: [{ step: 2, changes: ['grpo.learningRate 0.1 → 0.2'] }],
  kept: [],
};

const checkpoint = {
  version: 1,
  updates: 3,
  weights: Float32Array.from({ length: 20000 }, (_, i) => Math.fround(Math.sin(i))),
  m: new Float32Array(20000).fill(1e-30),
  v: new Float32Array(20000).fill(3e-38),
  adamStep: 3,
  evaluatedBefore: true,
  evaluatedAfter: false,
} as const;

describe('a run in a file', () => {
  it('comes back as it was, every bit of its weights', () => {
    const read = readRunFile(writeRunFile(run, checkpoint), 'run.json');
    expect(read.run).toEqual(run);
    expect(read.checkpoint).toEqual(checkpoint);
  });

  it.each([
    ['that is not JSON', 'no', /^run\.json is not JSON/],
    ['of something else', '{"kind":"recipe"}', /^run\.json is no run of this page: kind/],
    [
      'whose weights are cut off',
      writeRunFile(run, checkpoint).replace(/"weights":"[^"]*"/, '"weights":"AAA="'),
      /weights is cut off/,
    ],
    [
      'with a field of another kind',
      writeRunFile({ ...run, changed: 'today' as unknown as number }, checkpoint),
      /^run\.json is no run of this page: changed/,
    ],
  ])('%s is refused by name', (_name, text, message) => {
    expect(() => readRunFile(text, 'run.json')).toThrow(message);
  });
});

describe('runs laid over the curves', () => {
  const state = {
    runs: {
      list: [run, { ...run, id: 'two' }],
      current: 'one',
      overlaid: ['one', 'two', recordedId, 'gone'],
    },
    recorded: startRecorded(recorded, true),
  };
  it('leave out the run that the curves are of', () => {
    expect(overlaysOf(state, 'live').map(({ id }) => id)).toEqual(['two', recordedId]);
    expect(overlaysOf(state, 'recorded').map(({ id }) => id)).toEqual(['one', 'two']);
  });
});
