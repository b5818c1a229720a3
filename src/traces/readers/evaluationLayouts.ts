import { z } from 'zod';
import { golds, optionalNumber, optionalText, questionIn } from './fields.ts';
import { layout, type Layout } from './layout.ts';
import { message, promptOf, spansOfCompletion, spansOfMessages, textOrMessages } from './messages.ts';
import { spansOf, type Span } from './spans.ts';

/** Rollouts that evaluations write. */

/** `intermediate_data.json` of FlashRAG, which ReSearch is evaluated with. */
const flashrag: Layout = layout(
  'an evaluation of FlashRAG',
  ['question', 'output'],
  z.looseObject({
    id: z.union([z.string(), z.number()]).nullish(),
    question: z.string(),
    golden_answers: golds.optional(),
    output: z.looseObject({
      final_response: optionalText,
      pred: optionalText,
      prompt: z.unknown().optional(),
      metric_score: z.looseObject({ f1: optionalNumber, em: optionalNumber }).nullish(),
    }),
  }),
  ({ id, question, golden_answers, output }) => {
    const { final_response: response, pred, metric_score: score } = output;
    if (typeof response !== 'string' && typeof pred !== 'string')
      throw new Error('field "output": has neither final_response nor pred.');
    const value = score?.f1 ?? score?.em;
    return {
      question,
      ...(id === null || id === undefined ? {} : { questionId: String(id) }),
      golds: golden_answers ?? [],
      prompt: typeof output.prompt === 'string' ? output.prompt : question,
      spans: typeof response === 'string' ? spansOf(response) : [answerSpan(pred ?? '')],
      ...(typeof pred === 'string' ? { answer: pred } : {}),
      ...(typeof value === 'number' ? { reward: value } : {}),
    };
  },
);

const answerSpan = (text: string): Span => ({
  kind: 'answer',
  text,
  inner: text.trim(),
  closed: true,
  generated: true,
});

/** R1-Searcher's results. */
const r1searcher: Layout = layout(
  'results of R1-Searcher',
  ['question', 'gen_text_store'],
  z.looseObject({
    question: z.string(),
    answer: golds.optional(),
    pred_ans: optionalText,
    stop_reason_final: optionalText,
    gen_text_store: z.string(),
  }),
  ({ question, answer, pred_ans: said, stop_reason_final: stop, gen_text_store: text }) => ({
    question,
    golds: answer ?? [],
    prompt: question,
    spans: spansOf(text),
    ...(typeof said === 'string' ? { answer: said.trim() } : {}),
    ...(stop === 'finished' ? { stop: 'eos' } : {}),
  }),
);

const judged = z.looseObject({
  prompt: textOrMessages,
  completion: textOrMessages,
  answer: golds.optional(),
  reward: optionalNumber,
  example_id: z.union([z.string(), z.number()]).nullish(),
  id: z.union([z.string(), z.number()]).nullish(),
  is_truncated: z.boolean().nullish(),
});

/** `results.jsonl` of verifiers. */
const verifiers: Layout = layout(
  'results of verifiers',
  ['prompt', 'completion', 'reward'],
  judged,
  (row) => {
    const { text, last } = promptOf(row.prompt);
    const id = row.example_id ?? row.id;
    return {
      question: questionIn(last),
      ...(id === null || id === undefined ? {} : { questionId: String(id), group: String(id) }),
      golds: row.answer ?? [],
      prompt: text,
      spans: spansOfCompletion(row.completion),
      ...(typeof row.reward === 'number' ? { reward: row.reward } : {}),
      stop: row.is_truncated === true ? 'length' : 'eos',
    };
  },
);

const node = z.looseObject({ parent: z.number().int().nullish(), message, sampled: z.boolean().nullish() });

/** `traces.jsonl` of verifiers 1: an episode a line, each trace a tree of messages. */
const verifiersTraces: Layout = layout(
  'traces of verifiers',
  ['traces', 'task|group'],
  z.looseObject({
    id: z.union([z.string(), z.number()]).nullish(),
    group: z.looseObject({ id: z.union([z.string(), z.number()]) }).nullish(),
    traces: z.array(
      z.looseObject({
        nodes: z.array(node).min(1),
        rewards: z.record(z.string(), z.looseObject({ score: z.number(), weight: optionalNumber })).nullish(),
        stop_condition: optionalText,
      }),
    ),
  }),
  ({ group, traces }) =>
    traces.map(({ nodes, rewards }) => {
      const path = pathToLast(nodes.map(({ parent }) => parent)).map((at) => nodes[at]);
      const first = path.findIndex((one) => one?.message.role === 'assistant');
      const messages = path.flatMap((one) => (one === undefined ? [] : [one.message]));
      const { text, last } = promptOf(messages.slice(0, Math.max(0, first)));
      const scores = Object.values(rewards ?? {});
      return {
        question: questionIn(last),
        golds: [],
        prompt: text,
        spans: spansOfMessages(messages.slice(Math.max(0, first))),
        ...(scores.length === 0
          ? {}
          : { reward: scores.reduce((sum, { score, weight }) => sum + score * (weight ?? 1), 0) }),
        ...(group === null || group === undefined ? {} : { group: String(group.id) }),
      };
    }),
);

/** Indices from the root to the last node. Nodes without parents follow each other. */
function pathToLast(parents: readonly (number | null | undefined)[]): readonly number[] {
  const path: number[] = [];
  for (let at: number | undefined = parents.length - 1; at !== undefined && at >= 0;) {
    path.unshift(at);
    const parent: number | null | undefined = parents[at];
    at = parent === undefined ? at - 1 : parent === null || parent >= at ? undefined : parent;
  }
  return path;
}

/** A sample of Inspect's logs, as `inspect log dump` writes them. */
const inspect: Layout = layout(
  'samples of Inspect',
  ['input', 'messages', 'scores|target'],
  z.looseObject({
    id: z.union([z.string(), z.number()]).nullish(),
    input: textOrMessages,
    target: golds.optional(),
    messages: z.array(message),
    scores: z.record(z.string(), z.looseObject({ value: z.unknown(), answer: optionalText })).nullish(),
  }),
  ({ id, input, target, messages, scores }) => {
    const first = messages.findIndex(({ role }) => role === 'assistant');
    const [score] = Object.values(scores ?? {});
    // Inspect's scorers say C for correct and I for incorrect.
    const value = score?.value === 'C' ? 1 : score?.value === 'I' ? 0 : score?.value;
    return {
      question: questionIn(promptOf(input).last),
      ...(id === null || id === undefined ? {} : { questionId: String(id), group: String(id) }),
      golds: target ?? [],
      prompt: promptOf(messages.slice(0, Math.max(0, first))).text,
      spans: spansOfMessages(messages.slice(Math.max(0, first))),
      ...(typeof score?.answer === 'string' ? { answer: score.answer } : {}),
      ...(typeof value === 'number' ? { reward: value } : {}),
    };
  },
);

/** Chats as OpenAI's interface has them, one a row. */
const chat: Layout = layout(
  'chats',
  ['messages'],
  z.looseObject({ messages: z.array(message).min(1) }),
  ({ messages }) => {
    const first = messages.findIndex(({ role }) => role === 'assistant');
    if (first < 0) throw new Error('field "messages": the assistant says nothing in them.');
    const { text, last } = promptOf(messages.slice(0, first));
    return {
      question: questionIn(last),
      golds: [],
      prompt: text,
      spans: spansOfMessages(messages.slice(first)),
    };
  },
);

export const evaluationLayouts: readonly Layout[] = [
  flashrag,
  r1searcher,
  verifiers,
  verifiersTraces,
  inspect,
  chat,
];
