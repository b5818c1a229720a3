import type { Passage } from '../../retrieval/retriever.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import type { RolloutFormat } from '../format.ts';
import { encodeResult, passagesText } from '../resultBlock.ts';

/**
 * What the prompt baselines look like to a policy: the tags of the ReSearch transcript and no others, so that a policy
 * that can read a result and fill a box can take part. Every response begins after the rollout's own prompt
 * (`<|user|> question<|assistant|>`). Result blocks and openings (`<think>`, `<answer>\boxed{`) are put there by the
 * method; the policy writes what follows an opening, up to its closing tag. This is the place of an instruction such as
 * "only give me the answer" for a policy that follows none.
 *
 * Whole transcripts, a line a part (the method's parts in front of `|`, the policy's behind it):
 *
 * naive generation
 *   <answer>\boxed{                       | Ostrava}</answer><|end|>
 *
 * naive RAG
 *   <result> Cholwis is a book. … Ana Dost wrote it. Dost: …</result><answer>\boxed{   | Ana Dost}</answer><|end|>
 *
 * Iter-RetGen, one iteration (each begins afresh from the question)
 *   <result> …three pages…</result><think> | The author of Cholwis is Ana Dost. The birthplace of Ana Dost is
 *                                            Lumo. So the answer is Lumo.</think>
 *   <answer>\boxed{                       | Lumo}</answer><|end|>
 *
 * IRCoT
 *   <result> …two pages…</result><think>   | The author of Cholwis is Ana Dost.</think>
 *   <result> …new pages…</result><think>   | The birthplace of Ana Dost is Lumo. So the answer is Lumo.</think>
 *   <answer>\boxed{                       | Lumo}</answer><|end|>
 */
export type BaselinePart =
  /** Pages, best first, as one result block; a block of no page is empty. */
  | { readonly kind: 'result'; readonly passages: readonly Pick<Passage, 'title' | 'text'>[] }
  /** Written by the method in the policy's name. */
  | { readonly kind: 'opening'; readonly text: string }
  /** Written by the policy. */
  | { readonly kind: 'generated'; readonly text: string };

/** Ends with added tokens, so that what is written after it becomes the same tokens as if encoded together. */
export const OPEN_THOUGHT = { kind: 'opening', text: '<think>' } as const satisfies BaselinePart;
export const OPEN_ANSWER = { kind: 'opening', text: '<answer>\\boxed{' } as const satisfies BaselinePart;

/** Where the policy's turn ends. */
export const THOUGHT_END = '</think>';
export const ANSWER_END = '</answer>';

/** Words by which IRCoT knows that its chain of thought is over (arXiv 2212.10509, §3.1). */
const CONCLUSION = 'the answer is';

export const resultOf = (passages: readonly Pick<Passage, 'title' | 'text'>[]): BaselinePart => ({
  kind: 'result',
  passages,
});

/** What the policy writes after `OPEN_THOUGHT`, or after `OPEN_ANSWER` with the end of the response. */
export const thought = (text: string): BaselinePart => ({
  kind: 'generated',
  text: ` ${text}${THOUGHT_END}`,
});
export const boxedAnswer = (answer: string): BaselinePart => ({
  kind: 'generated',
  text: ` ${answer}}${ANSWER_END}<|end|>`,
});

/** A step of a chain of thought: one fact, as a sentence that names both ends, so that it is a query as well. */
export const factSentence = (relation: string, subject: string, object: string): string =>
  `The ${relation} of ${subject} is ${object}.`;

/** Ends a chain of thought; stands in the same thought as the last fact. */
export const conclusionSentence = (answer: string): string => `So ${CONCLUSION} ${answer}.`;

/** Whether a thought holds its chain's conclusion. */
export const concludes = (thoughtText: string): boolean => thoughtText.toLowerCase().includes(CONCLUSION);

/** Whole transcripts, as a prior may be shown them. */
export const naiveGenerationParts = (answer: string): BaselinePart[] => [OPEN_ANSWER, boxedAnswer(answer)];

export const naiveRagParts = (
  passages: readonly Pick<Passage, 'title' | 'text'>[],
  answer: string,
): BaselinePart[] => [resultOf(passages), OPEN_ANSWER, boxedAnswer(answer)];

/** One step of a chain: the pages that it newly sees (IRCoT: none a second time), and what it then says. */
export interface ChainStep {
  readonly passages: readonly Pick<Passage, 'title' | 'text'>[];
  readonly thought: string;
}

/**
 * A chain of thought with pages before each thought: IRCoT with a step a fact, Iter-RetGen's iteration with one step
 * that holds the whole chain. The last thought holds the conclusion.
 */
export const chainParts = (steps: readonly ChainStep[], answer: string): BaselinePart[] => [
  ...steps.flatMap((step) => [resultOf(step.passages), OPEN_THOUGHT, thought(step.thought)]),
  OPEN_ANSWER,
  boxedAnswer(answer),
];

/** Tokens of a part, exactly as the methods insert them and a policy would write them. */
export function encodePart(tokenizer: Tokenizer, format: RolloutFormat, part: BaselinePart): number[] {
  return part.kind === 'result'
    ? encodeResult(tokenizer, format, passagesText(format, part.passages))
    : tokenizer.encode(part.text);
}

/** Iter-RetGen's query from the second iteration on: y_{t−1} ‖ q (arXiv 2305.15294, §3.2). */
export const generationAndQuestion = (generation: string, question: string): string =>
  generation === '' ? question : `${generation} ${question}`;

/** The text of a thought: what was written up to its end, trimmed. IRCoT searches by it. */
export const thoughtIn = (written: string): string => (written.split(THOUGHT_END)[0] ?? '').trim();

/**
 * The answer in what was written after `OPEN_ANSWER`: up to the brace that closes the box, trimmed.
 * Undefined where the box was never closed.
 */
export function answerIn(written: string): string | undefined {
  let depth = 1;
  for (let i = 0; i < written.length; i++) {
    if (written[i] === '{') depth++;
    if (written[i] === '}' && --depth === 0) return written.slice(0, i).trim();
  }
  return undefined;
}
