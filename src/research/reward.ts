import { lastBoxed } from '../traces/boxed.ts';
import { isInserted } from '../traces/segments.ts';
import type { RewardBranch, StopReason, TraceReward, TraceTokens } from '../traces/trace.ts';
import { strip } from './normalize.ts';
import { exactMatch, f1Score } from './score.ts';

/** What a response is paid for. */
export interface RewardOptions {
  /** How an answer is scored: by its F1, as in the paper, or 1 if it is exactly right (Search-R1, the paper's pilot). */
  readonly answer: 'f1' | 'em';
  /** What good form is worth by itself: 0.1 in the paper, 0.2 in Search-R1 v0.3. */
  readonly floor: number;
  /**
   * `gate`: broken form forfeits the answer, and good form is paid only where the answer scores nothing (the paper's
   * code). `share`: floor·form + (1 − floor)·answer, each for itself (arXiv 2505.15117); with a floor of 0 the answer
   * alone, whatever the form.
   */
  readonly format: 'gate' | 'share';
}

export const paperReward: RewardOptions = { answer: 'f1', floor: 0.1, format: 'gate' };

/**
 * The paper's reward (re_search.py of Agent-RL/ReCall, branch re-search), check by check in the code's order.
 * It differs from the paper's Eq. 2: any format failure gives 0, whatever the answer; and an F1 below 0.1 pays
 * less than a wrong answer does. What stands outside the tags is not looked at. `options` change what is paid, never
 * which check decides; a format failure is the branch also where its answer is paid.
 *
 * `em` and `f1` are those of the paper's evaluation, which asks only that the response ended and that its first
 * `<answer>` holds a box: a response may be right and yet earn 0.
 *
 * @param response the response's text, results included, prompt excluded
 * @param eos text of the token that ends a response; a response without it is "over length"
 * @param golds accepted answers
 */
export function rewardOf(
  response: string,
  eos: string,
  golds: readonly string[],
  options: RewardOptions = paperReward,
): TraceReward {
  const ended = eos !== '' && response.endsWith(eos);
  const body = ended ? response.slice(0, -eos.length) : response;
  const content = ended ? extractAnswer(body) : undefined;
  const answer = content === undefined ? undefined : lastBoxed(content);
  const f1 = answer === undefined ? 0 : f1Score(answer, golds);
  const em = answer === undefined ? 0 : exactMatch(answer, golds);

  const failure = formatFailure(response) ?? endFailure(ended, content, answer);
  const score = options.answer === 'f1' ? f1 : em;
  const right = options.answer === 'f1' ? 'right answer, F1' : 'right answer, EM';
  const branch = failure ?? (score > 0 ? right : 'wrong answer, good format');
  const value = payOf(failure === undefined, score, options);
  return { value, branch, em, f1, ...(answer === undefined ? {} : { answer: strip(answer) }) };
}

/**
 * Score of an answer that was asked for outside the ReSearch format, as a baseline's is: its F1, whatever its form. No
 * answer could be read: nothing.
 */
export function answerReward(
  answer: string | undefined,
  golds: readonly string[],
  stop: StopReason,
): TraceReward {
  if (answer === undefined) {
    return { value: 0, branch: stop === 'length' ? 'over length' : 'no answer', em: 0, f1: 0 };
  }
  const f1 = f1Score(answer, golds);
  const branch = f1 > 0 ? 'right answer, F1' : 'wrong answer, good format';
  return { value: f1, branch, em: exactMatch(answer, golds), f1, answer: strip(answer) };
}

function payOf(wellFormed: boolean, score: number, { floor, format }: RewardOptions): number {
  if (format === 'share') return (wellFormed ? floor : 0) + (1 - floor) * score;
  if (!wellFormed) return 0;
  return score > 0 ? score : floor;
}

/**
 * What the length of a response costs (DAPO's soft overlong punishment, arXiv 2503.14476, Eq. 13): nothing up to the
 * last `share` of `maxTokens`, then in equal steps down to −1 for a response of all of them. A share of 0: nothing.
 * @param length response tokens, results included
 */
export function overlongPenalty(length: number, maxTokens: number, share: number): number {
  const buffer = share * maxTokens;
  const over = length - (maxTokens - buffer);
  return over <= 0 || buffer === 0 ? 0 : -Math.min(1, over / buffer);
}

/**
 * The text that the reward reads. Inserted results are reduced to their tags: a passage that happens to spell
 * `<answer>` must not change what the policy earns.
 */
export function rewardText(tokens: Pick<TraceTokens, 'texts' | 'generated' | 'given'>): string {
  let text = '';
  let start = 0;
  while (start < tokens.texts.length) {
    const inserted = isInserted(tokens, start);
    let end = start + 1;
    while (end < tokens.texts.length && isInserted(tokens, end) === inserted) end++;
    const run = tokens.texts.slice(start, end).join('');
    if (!inserted) text += run;
    else text += run.endsWith('</result>') ? '<result></result>' : '<result>';
    start = end;
  }
  return text;
}

/** `validate_format`. */
function formatFailure(text: string): RewardBranch | undefined {
  const thinks = count(text, '<think>');
  const thinkEnds = count(text, '</think>');
  if (thinks !== thinkEnds) return 'think tags unbalanced';
  if (thinks === 0) return 'no think';
  if (count(text, '<answer>') !== 1 || count(text, '</answer>') !== 1) return 'answer tags';

  let position = 0;
  for (;;) {
    const search = text.indexOf('<search>', position);
    if (search < 0) break;
    const searchEnd = text.indexOf('</search>', search);
    const result = text.indexOf('<result>', search);
    if (result < 0 || searchEnd < 0) return 'search without result';
    const resultEnd = text.indexOf('</result>', result);
    if (resultEnd < 0) return 'search without result';
    if (searchEnd > result) return 'tags out of order';
    position = resultEnd;
  }

  const answer = text.indexOf('<answer>');
  const answerEnd = text.indexOf('</answer>');
  if (answer > answerEnd) return 'answer tags out of order';
  const content = text.slice(answer, answerEnd);
  if (!content.includes('\\boxed{') || !content.includes('}')) return 'no box';
  return undefined;
}

function endFailure(
  ended: boolean,
  content: string | undefined,
  answer: string | undefined,
): RewardBranch | undefined {
  if (!ended) return 'over length';
  if (content === undefined) return 'no answer';
  if (answer === undefined) return 'box cannot be parsed';
  return undefined;
}

/** `extract_answer`: inside of the first `<answer>…</answer>`. */
function extractAnswer(text: string): string | undefined {
  const start = text.indexOf('<answer>');
  if (start < 0) return undefined;
  const end = text.indexOf('</answer>', start);
  return end < 0 ? undefined : text.slice(start + '<answer>'.length, end);
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
