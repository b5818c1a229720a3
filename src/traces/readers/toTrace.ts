import { behavioursOf } from '../behaviours.ts';
import { lastBoxed } from '../boxed.ts';
import type { Segment, Trace, TraceReward, TraceSearch, TraceTokens } from '../trace.ts';
import { passagesIn } from './passages.ts';
import type { ToldRollout } from './rollout.ts';
import { wordsOf, type Span } from './spans.ts';

/** How answers are scored and the paper's reward is found again; handed in, since traces know no research. */
export interface Scorer {
  readonly em: (answer: string, golds: readonly string[]) => number;
  readonly f1: (answer: string, golds: readonly string[]) => number;
  readonly paper: (response: string, eos: string, golds: readonly string[]) => TraceReward;
}

/** The trace of a rollout that a file tells. */
export function toTrace(told: ToldRollout, id: string, place: Place, scorer: Scorer): Trace {
  const { tokens, segments } = told.tokens === undefined ? byWords(told) : byTokens(told, told.tokens);
  const searches = searchesIn(segments, tokens);
  const question = { id: told.questionId ?? told.question, text: told.question, golds: told.golds };
  const stop = told.stop ?? 'aborted';
  const reward = rewardOf(told, segments, scorer);
  const hasIds = told.tokens?.ids !== undefined;
  return {
    id,
    question,
    prompt: { text: told.prompt, ids: [] },
    tokens,
    ...(hasIds ? {} : { pieces: told.tokens === undefined ? ('words' as const) : ('texts' as const) }),
    segments,
    searches,
    stop,
    ...(reward === undefined ? {} : { reward }),
    ...(told.advantage === undefined ? {} : { advantage: told.advantage }),
    behaviours: behavioursOf({ question, segments, searches, stop }),
    policy: told.policy ?? 'not told',
    ...(told.step === undefined ? {} : { step: told.step }),
    ...place,
  };
}

/** Where a rollout stands in its file. */
export interface Place {
  readonly group: number;
  readonly rollout: number;
}

interface Cut {
  readonly tokens: TraceTokens;
  readonly segments: readonly Segment[];
}

function byWords({ spans }: ToldRollout): Cut {
  const texts: string[] = [];
  const generated: boolean[] = [];
  const segments = spans.map((span) => {
    const start = texts.length;
    for (const word of wordsOf(span.text)) {
      texts.push(word);
      generated.push(span.generated);
    }
    return segmentOf(span, start, texts.length);
  });
  return { tokens: { ids: texts.map(() => 0), texts, generated }, segments: segments.filter(isSome) };
}

/** A token belongs to the part its first letter is in. */
function byTokens({ spans }: ToldRollout, told: NonNullable<ToldRollout['tokens']>): Cut {
  const { texts } = told;
  const generated: boolean[] = [];
  const segments: Segment[] = [];
  let token = 0;
  let position = 0;
  let end = 0;
  spans.forEach((span, i) => {
    end += span.text.length;
    const start = token;
    const last = i === spans.length - 1;
    while (token < texts.length && (position < end || last)) {
      position += texts[token]?.length ?? 0;
      generated.push(span.generated);
      token++;
    }
    segments.push(segmentOf(span, start, token));
  });
  return {
    tokens: { ids: texts.map(() => 0), ...told, generated },
    segments: segments.filter(isSome),
  };
}

const segmentOf = ({ kind, inner, closed }: Span, start: number, end: number): Segment => ({
  kind,
  start,
  end,
  text: inner,
  closed,
});

const isSome = ({ start, end }: Segment): boolean => end > start;

function searchesIn(segments: readonly Segment[], { generated }: TraceTokens): readonly TraceSearch[] {
  return segments.flatMap((segment, i): TraceSearch[] => {
    if (segment.kind !== 'result' || generated[segment.start] !== false) return [];
    const asked = segments.slice(0, i).findLast(({ kind }) => kind === 'search');
    return [{ query: asked?.text ?? '', passages: passagesIn(segment.text), resultSegment: i }];
  });
}

function rewardOf(told: ToldRollout, segments: readonly Segment[], scorer: Scorer): TraceReward | undefined {
  const { reward: value, golds } = told;
  if (value === undefined) return undefined;
  if (told.paperReward === true) {
    const found = paperReward(told, scorer);
    // Where the score is another one, the file's own holds, and why is not told.
    if (Math.abs(found.value - value) < 0.005) return found;
  }
  const said = segments.findLast(({ kind }) => kind === 'answer')?.text;
  const answer = told.answer ?? (said === undefined ? undefined : (lastBoxed(said) ?? said));
  const scored = answer === undefined || golds.length === 0 ? undefined : answer;
  return {
    value,
    branch: 'not told',
    ...(answer === undefined ? {} : { answer: answer.trim() }),
    em: scored === undefined ? 0 : scorer.em(scored, golds),
    f1: scored === undefined ? 0 : scorer.f1(scored, golds),
  };
}

const ends = ['<|im_end|>', '<|endoftext|>', '</s>', '<|end|>'];

/** The paper's reward of the response, results reduced to their tags as the reward reads them. */
function paperReward({ spans, golds }: ToldRollout, scorer: Scorer): TraceReward {
  const text = spans
    .map((span) => (span.generated ? span.text : '<result></result>'))
    .join('')
    .trimEnd();
  const eos = ends.find((end) => text.endsWith(end)) ?? '';
  return scorer.paper(text, eos, golds);
}
