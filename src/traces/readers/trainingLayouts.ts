import { z } from 'zod';
import { golds, optionalNumber, optionalText, questionIn } from './fields.ts';
import { layout, type Layout } from './layout.ts';
import { promptOf, spansOfCompletion, textOrMessages } from './messages.ts';
import type { ToldTokens } from './rollout.ts';
import { spansOf } from './spans.ts';

/** Rollouts that trainers write while they train. */

const opening = /<\|im_start\|>assistant\n|Assistant:/;

/** `train_{step}.jsonl` of Agent-RL/ReSearch, branch re-search (reward_manager/re_search.py). */
const research: Layout = layout(
  'rollouts of ReSearch’s training',
  ['sequences_str', 'score'],
  z.looseObject({
    sequences_str: z.string(),
    ground_truth: golds,
    score: z.number(),
    data_source: optionalText,
  }),
  ({ sequences_str: whole, ground_truth, score }) => {
    // The prompt shows the tags as an example, so it must not be read as part of the response.
    const at = opening.exec(whole);
    if (at === null)
      throw new Error(
        'field "sequences_str": neither “<|im_start|>assistant” nor “Assistant:” begins the response.',
      );
    const prompt = whole.slice(0, at.index + at[0].length);
    // Padding after the end of the response is not part of it.
    const response = whole
      .slice(prompt.length)
      .replace(/((?:<\|im_end\|>|<\|endoftext\|>)\n?)[\s\S]*$/, '$1');
    return {
      question: questionIn(prompt),
      golds: ground_truth,
      prompt,
      spans: spansOf(response),
      reward: score,
      paperReward: true,
      stop: /<\|(im_end|endoftext)\|>\n?$/.test(response) ? 'eos' : 'length',
    };
  },
);

/** `{step}.jsonl` of verl's trainer (`rollout_data_dir`, `validation_data_dir`). */
const verl: Layout = layout(
  'rollouts of verl',
  ['input', 'output', 'score'],
  z.looseObject({
    input: z.string(),
    output: z.string(),
    gts: golds.optional(),
    score: z.number(),
    step: optionalNumber,
    uid: optionalText,
  }),
  ({ input, output, gts, score, step, uid }) => ({
    question: questionIn(input),
    golds: gts ?? [],
    prompt: input,
    spans: spansOf(output),
    reward: score,
    ...(typeof step === 'number' ? { step } : {}),
    // `{sample}_{rollout}_{output}`: the sample is the group.
    ...(typeof uid === 'string' ? { group: uid.replace(/_[^_]*_[^_]*$/, '') } : {}),
  }),
);

const numbers = z.array(z.number().nullable()).nullish();

/** RLLoggingBoard's rows. */
const board: Layout = layout(
  'RLLoggingBoard',
  ['prompt', 'response', 'response_tokens'],
  z.looseObject({
    prompt: z.string(),
    response: z.string(),
    response_tokens: z.array(z.string()),
    logprobs: numbers,
    ref_logprobs: numbers,
    reward: optionalNumber,
    step: optionalNumber,
  }),
  (row) => ({
    question: questionIn(row.prompt),
    golds: [],
    prompt: row.prompt,
    spans: spansOf(row.response_tokens.join('')),
    tokens: tokensOf({ texts: row.response_tokens, logprobs: row.logprobs, refLogprobs: row.ref_logprobs }),
    ...(typeof row.reward === 'number' ? { reward: row.reward } : {}),
    ...(typeof row.step === 'number' ? { step: row.step } : {}),
  }),
);

/** Rows of TRL's completion tables (parquet there; read when they are saved as JSON Lines). */
const trl: Layout = {
  name: 'completions of TRL',
  fits: (row) => 'prompt' in row && 'completion' in row && 'advantage' in row,
  read: (row) =>
    layout(
      '',
      [],
      z.looseObject({
        prompt: textOrMessages,
        completion: textOrMessages,
        advantage: optionalNumber,
        step: optionalNumber,
      }),
      ({ prompt, completion, advantage, step, ...columns }) => {
        const { text, last } = promptOf(prompt);
        // One column for each reward function; the trainer adds them up where they have no weights.
        const rewards = Object.entries(columns).filter(
          ([name, value]) => /reward/i.test(name) && typeof value === 'number',
        );
        return {
          question: questionIn(last),
          golds: [],
          prompt: text,
          spans: spansOfCompletion(completion),
          ...(rewards.length === 0
            ? {}
            : { reward: rewards.reduce((sum, [, value]) => sum + Number(value), 0) }),
          ...(typeof advantage === 'number' ? { advantage } : {}),
          ...(typeof step === 'number' ? { step } : {}),
        };
      },
    ).read(row),
};

const unipoTokens = z.looseObject({
  ids: z.array(z.number().int().min(0)).nullish(),
  strings: z.array(z.string()),
  log_probs: numbers,
  old_log_probs: numbers,
  ref_log_probs: numbers,
  token_kl: numbers,
});

const unipoResponse = z.looseObject({
  reward: optionalNumber,
  advantage: optionalNumber,
  response_text: z.string(),
  tokens: unipoTokens.nullish(),
});

/** UNIPO's logs: one entry a step, prompts with their responses. */
const unipo: Layout = layout(
  'UNIPO',
  ['entries'],
  z.looseObject({
    entries: z.array(
      z.looseObject({
        step: optionalNumber,
        prompts: z.array(
          z.looseObject({
            prompt_text: optionalText,
            prompt: optionalText,
            question: optionalText,
            ground_truth: golds.optional(),
            responses: z.array(unipoResponse),
          }),
        ),
      }),
    ),
  }),
  ({ entries }) =>
    entries.flatMap(({ step, prompts }, e) =>
      prompts.flatMap((prompt, p) => {
        const text = prompt.prompt_text ?? prompt.prompt ?? prompt.question ?? '';
        return prompt.responses.map(({ reward, advantage, response_text: response, tokens }) => ({
          question: prompt.question ?? questionIn(text),
          golds: prompt.ground_truth ?? [],
          prompt: text,
          spans: spansOf(tokens?.strings.join('') ?? response),
          ...(tokens === null || tokens === undefined ? {} : { tokens: unipoToken(tokens) }),
          ...(typeof reward === 'number' ? { reward } : {}),
          ...(typeof advantage === 'number' ? { advantage } : {}),
          ...(typeof step === 'number' ? { step } : {}),
          group: `${e}.${p}`,
        }));
      }),
    ),
);

function unipoToken(tokens: z.infer<typeof unipoTokens>): ToldTokens {
  const old = tokens.old_log_probs ?? undefined;
  const now = tokens.log_probs ?? undefined;
  const ratios = now?.map((value, i) => {
    const before = old?.[i];
    return value === null || before === null || before === undefined ? null : Math.exp(value - before);
  });
  return tokensOf({
    texts: tokens.strings,
    ids: tokens.ids,
    logprobs: old ?? now,
    currentLogprobs: old === undefined ? undefined : now,
    refLogprobs: tokens.ref_log_probs,
    ratios: old === undefined ? undefined : ratios,
    kls: tokens.token_kl,
  });
}

type Lists = {
  readonly [K in keyof Omit<ToldTokens, 'texts' | 'clipped'>]: ToldTokens[K] | null | undefined;
};

/** Only lists that are there. Throws an Error where one is not as long as the tokens. */
function tokensOf({ texts, ...lists }: Lists & { readonly texts: readonly string[] }): ToldTokens {
  const there = Object.entries(lists).filter(([, list]) => list !== null && list !== undefined);
  for (const [name, list] of there) {
    if (list?.length === texts.length) continue;
    throw new Error(
      `tokens: ${name} has ${list?.length ?? 0} entries, but there are ${texts.length} tokens.`,
    );
  }
  return { texts, ...Object.fromEntries(there) };
}

export const trainingLayouts: readonly Layout[] = [research, board, verl, trl, unipo];
