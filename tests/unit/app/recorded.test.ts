import { describe, expect, it } from 'vitest';
import { advanceRecorded, startRecorded } from '../../../src/app/store/recordedState.ts';
import { parseRecordedRun } from '../../../src/app/store/recordedSchema.ts';
import { runView } from '../../../src/app/store/runView.ts';
import { emptyLab } from '../../../src/app/store/labState.ts';
import { parsePrior } from '../../../src/app/components/priorFile.ts';
import { presets } from '../../../src/lab/presets.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { makeTrace, right, wrong } from './traces.ts';

const scores = {
  n: 8,
  em: 0.1,
  f1: 0.1,
  reward: 0.2,
  searches: 1,
  responseTokens: 20,
  selfCorrections: 0,
  emSampled: 0.1,
};
const row = (step: number) => ({
  step,
  reward: 0.2,
  em: 0.1,
  f1: 0.1,
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
const question = { id: 'q', set: 'musique' as const, text: 'Who?', golds: ['Ada'] };
/** As the page reads it: with what its detectors see. Its one thought is the word “think”, and it ends there. */
const seen = (trace: Trace): Trace => ({ ...trace, behaviours: ['giving up', 'empty thinking'] });
const group = {
  group: 0,
  question,
  traces: [seen(makeTrace({ reward: right }))],
  meanReward: 1,
  stdReward: 0,
};
const run = {
  version: 1 as const,
  recipe: presets.tiny,
  backend: 'wasm',
  command: 'train',
  before: { musique: scores },
  after: { musique: { ...scores, em: 0.6 } },
  steps: [row(1), row(2), row(3)],
  groups: [
    { step: 1, groups: [group] },
    { step: 3, groups: [group] },
  ],
  pairs: [
    { question, base: seen(makeTrace({ reward: wrong })), trained: seen(makeTrace({ reward: right })) },
  ],
};

describe('a recorded run', () => {
  it('is read as it was written', () => {
    expect(parseRecordedRun(JSON.parse(JSON.stringify(run)), 'run.json')).toEqual(run);
  });

  it('shows what today’s detectors see, whatever those of its day wrote', () => {
    const trace = { ...makeTrace({ reward: right }), behaviours: ['self-correction'] };
    const older = { ...run, groups: [{ step: 1, groups: [{ ...group, traces: [trace] }] }] };
    const { groups } = parseRecordedRun(older, 'run.json');
    expect(groups[0]?.groups[0]?.traces[0]?.behaviours).toEqual(['giving up', 'empty thinking']);
  });

  it('is read also where its recipe is from before a field was there', () => {
    const { reward: _, ...older } = presets.tiny;
    expect(parseRecordedRun({ ...run, recipe: older }, 'run.json')).toEqual(run);
    const bad = { ...run, recipe: { ...older, seed: -1 } };
    expect(() => parseRecordedRun(bad, 'run.json')).toThrow(/run\.json: recipe: .*seed: /);
  });

  it('names the field that does not fit', () => {
    const bad = { ...run, steps: [{ ...row(1), reward: 'much' }] };
    expect(() => parseRecordedRun(bad, 'run.json')).toThrow(/run\.json: steps\.0\.reward/);
    expect(() => parseRecordedRun(null, 'run.json')).toThrow(/the whole file/);
  });

  it('shows only what has been played: no later group, and no outcome before the end', () => {
    const shownAt = (shown: number) => {
      let recorded = startRecorded(run, false);
      for (let i = 0; i < shown; i++) recorded = advanceRecorded(recorded);
      return runView({ lab: emptyLab, recorded }, 'recorded');
    };
    expect(shownAt(0)?.steps).toHaveLength(0);
    expect(shownAt(2)?.kept.map((kept) => kept.step)).toEqual([1]);
    expect(shownAt(2)?.evaluations.map(({ when }) => when)).toEqual(['before']);
    expect(shownAt(3)?.kept.map((kept) => kept.step)).toEqual([1, 3]);
    expect(shownAt(9)?.evaluations.map(({ when }) => when)).toEqual(['before', 'after']);
  });

  it('stands complete at once where motion is not wanted', () => {
    const recorded = startRecorded(run, true);
    expect(recorded.status === 'ready' && recorded.shown).toBe(3);
    expect(advanceRecorded(recorded)).toBe(recorded);
  });
});

describe('the table of what the prior has seen', () => {
  it('is read with descriptions, greatest share first', () => {
    const stages = parsePrior(
      {
        behaviours: { guess: 'Answers at once.', 'good chain': 'Searches to the end.' },
        stages: [{ name: 'habit', portion: 1, shares: { 'good chain': 0.2, guess: 0.8 } }],
      },
      'prior.json',
    );
    expect(stages[0]?.shares).toEqual([
      { name: 'guess', share: 0.8, description: 'Answers at once.' },
      { name: 'good chain', share: 0.2, description: 'Searches to the end.' },
    ]);
  });

  it('names what is missing', () => {
    expect(() => parsePrior({ behaviours: {}, stages: [{ portion: 1 }] }, 'prior.json')).toThrow(
      /prior\.json: stages\.0/,
    );
  });
});
