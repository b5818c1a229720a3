import { presets } from '../../src/lab/presets.ts';
import type { RecordedRun, StepMetrics } from '../../src/lab/protocol.ts';
import type { Question } from '../../src/world/types.ts';
import { makeTrace, right, wrong } from '../unit/app/traces.ts';

/** A recorded run made up for tests; `text` is what an untrusted corpus could have put into it. */
export function recordedFixture(text = 'Who wrote The Salt Meridian?'): RecordedRun {
  const question: Question = { id: 'q', set: 'musique', text, golds: ['Ada'] };
  const searching = [
    ['think', 4],
    ['search', 3],
    ['result', 9],
    ['answer', 2],
  ] as const;
  const withPassage = (trace: ReturnType<typeof makeTrace>, id: string) => ({
    ...trace,
    id,
    question: { id: 'q', text, golds: ['Ada'] },
    searches: trace.searches.map((search) => ({
      ...search,
      passages: [{ id: 'p', title: text, text: `${text} It was Ada.`, score: 0.9, gold: true }],
    })),
    tokens: { ...trace.tokens, logprobs: trace.tokens.generated.map((own) => (own ? -0.5 : null)) },
  });
  const base = withPassage(
    makeTrace({
      parts: [
        ['think', 3],
        ['answer', 2],
      ],
      reward: wrong,
    }),
    'base',
  );
  const trained = withPassage(makeTrace({ parts: searching, reward: right }), 'trained');
  const scores = {
    n: 8,
    em: 0.05,
    f1: 0.1,
    reward: 0.15,
    searches: 1,
    responseTokens: 20,
    selfCorrections: 0,
    emSampled: 0.05,
    emByHops: { '2': { n: 8, em: 0.05 } },
  };
  const group = (step: number) => ({
    group: 0,
    question,
    traces: [
      { ...base, id: `base${step}`, advantage: -0.7 },
      { ...trained, id: `trained${step}`, advantage: 0.7 },
    ],
    meanReward: 0.55,
    stdReward: 0.64,
  });
  return {
    version: 1,
    recipe: presets.tiny,
    backend: 'a test',
    command: 'npm run -s cli -- train --recipe tiny',
    before: { musique: scores },
    after: { musique: { ...scores, em: 0.6 } },
    steps: [1, 2, 3].map(row),
    groups: [1, 2, 3].map((step) => ({ step, groups: [group(step)] })),
    pairs: [{ question, base, trained }],
  };
}

function row(step: number): StepMetrics {
  return {
    step,
    reward: 0.2 * step,
    em: 0.15 * step,
    f1: 0.2 * step,
    formatRate: 1,
    searches: step,
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
  };
}
