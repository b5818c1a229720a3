import { z } from 'zod';
import { behaviourNames, type Trace } from './trace.ts';

/** Zod twin of `trace.ts`, for the borders where traces come from files. Unknown fields are refused. */

const count = z.number().int().min(0);
const perToken = z.array(z.number().nullable()).readonly().exactOptional();

const tokensSchema = z
  .strictObject({
    ids: z.array(count).readonly(),
    texts: z.array(z.string()).readonly(),
    generated: z.array(z.boolean()).readonly(),
    given: z.array(z.boolean()).readonly().exactOptional(),
    logprobs: perToken,
    entropies: perToken,
    refLogprobs: perToken,
    currentLogprobs: perToken,
    ratios: perToken,
    clipped: z.array(z.boolean().nullable()).readonly().exactOptional(),
    kls: perToken,
  })
  .superRefine((tokens, context) => {
    for (const [name, values] of Object.entries(tokens)) {
      if (values.length === tokens.ids.length) continue;
      const message = `has ${values.length} entries, but there are ${tokens.ids.length} ids; they must be equal`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
  });

const segmentSchema = z.strictObject({
  kind: z.enum(['think', 'search', 'result', 'answer', 'text']),
  start: count,
  end: count,
  text: z.string(),
  closed: z.boolean(),
});

const passageSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  score: z.number().exactOptional(),
  gold: z.boolean().exactOptional(),
});

const searchSchema = z.strictObject({
  query: z.string(),
  passages: z.array(passageSchema).readonly(),
  resultSegment: count,
  problem: z.enum(['empty query', 'malformed query']).exactOptional(),
});

const rewardSchema = z
  .strictObject({
    value: z.number(),
    branch: z.enum([
      'think tags unbalanced',
      'no think',
      'answer tags',
      'search without result',
      'tags out of order',
      'answer tags out of order',
      'no box',
      'over length',
      'box cannot be parsed',
      'no answer',
      'wrong answer, good format',
      'right answer, F1',
      'right answer, EM',
      'not told',
    ]),
    shaping: z.number().min(-1).max(0).exactOptional(),
    answer: z.string().exactOptional(),
    em: z.number().min(0).max(1),
    f1: z.number().min(0).max(1),
  })
  .superRefine(({ value, branch }, context) => {
    if (branch === 'not told' || (value >= 0 && value <= 1)) return;
    context.addIssue({ code: 'custom', path: ['value'], message: `is ${value}; it must be from 0 to 1` });
  });

export const traceSchema: z.ZodType<Trace> = z
  .strictObject({
    id: z.string().min(1),
    question: z.strictObject({
      id: z.string(),
      text: z.string(),
      golds: z.array(z.string()).readonly(),
      set: z.string().exactOptional(),
      hops: count.exactOptional(),
    }),
    prompt: z.strictObject({ text: z.string(), ids: z.array(count).readonly() }),
    tokens: tokensSchema,
    pieces: z.enum(['words', 'texts']).exactOptional(),
    segments: z.array(segmentSchema).readonly(),
    searches: z.array(searchSchema).readonly(),
    stop: z.enum(['eos', 'length', 'searches', 'aborted']),
    reward: rewardSchema.exactOptional(),
    advantage: z.number().exactOptional(),
    behaviours: z.array(z.enum(behaviourNames)).readonly().exactOptional(),
    policy: z.string(),
    method: z.string().exactOptional(),
    restarts: z.array(count).readonly().exactOptional(),
    step: count.exactOptional(),
    group: count.exactOptional(),
    rollout: count.exactOptional(),
    seed: z.number().int().exactOptional(),
    milliseconds: z.number().min(0).exactOptional(),
  })
  .superRefine((trace, context) => {
    let end = 0;
    trace.segments.forEach((segment, i) => {
      if (segment.start !== end || segment.end <= segment.start) {
        const message = `spans tokens ${segment.start} to ${segment.end}, but should start at ${end}`;
        context.addIssue({ code: 'custom', path: ['segments', i], message });
      }
      end = segment.end;
    });
    if (end !== trace.tokens.ids.length) {
      const message = `cover ${end} of ${trace.tokens.ids.length} tokens`;
      context.addIssue({ code: 'custom', path: ['segments'], message });
    }
    trace.searches.forEach((search, i) => {
      if (trace.segments[search.resultSegment]?.kind === 'result') return;
      const message = `segment ${search.resultSegment} is not a result`;
      context.addIssue({ code: 'custom', path: ['searches', i, 'resultSegment'], message });
    });
  });
