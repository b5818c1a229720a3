import type { Passage } from '../retrieval/retriever.ts';
import type { Hop } from '../world/types.ts';
import {
  chainParts,
  conclusionSentence,
  factSentence,
  generationAndQuestion,
  naiveGenerationParts,
  naiveRagParts,
  type ChainStep,
} from './baselines/formats.ts';
import { guessOf, nameAtHand, type NamesAtHand } from './priorNames.ts';
import type { TranscriptWriter } from './transcriptWriter.ts';

/** Share of these transcripts that reason to the end where the pages allow it: more than of the policy's own kind. */
const DILIGENT = 0.3;
/** Pages that naive RAG and Iter-RetGen are given, with some variety; and that IRCoT is given at a step. */
const pagesGiven = [3, 3, 3, 3, 2, 5];
const PAGES_PER_STEP = 2;
/** Most pages in an IRCoT transcript. */
const MOST_PAGES = 15;

/** A transcript in the form of one of the four prompt baselines (src/research/baselines). */
export function baselineTranscript(context: NamesAtHand): TranscriptWriter {
  switch (context.random.weighted([1, 3, 3, 3])) {
    case 0:
      return naiveGeneration(context);
    case 1:
      return naiveRag(context);
    case 2:
      return iterRetGen(context);
    default:
      return ircot(context);
  }
}

// eslint-disable-next-line require-yield -- it asks nothing
function* naiveGeneration(context: NamesAtHand): TranscriptWriter {
  return naiveGenerationParts(guessOf(context));
}

function* naiveRag(context: NamesAtHand): TranscriptWriter {
  const { random, question } = context;
  const pages = yield { query: question.text, pages: random.pick(pagesGiven) };
  return naiveRagParts(pages, concluded(context, reached(context, pages), pages));
}

/** One iteration: the first, by the question, or a later one, by facts found before and the question. */
function* iterRetGen(context: NamesAtHand): TranscriptWriter {
  const { random, question, chain } = context;
  const before = chain.slice(0, random.chance(0.5) ? 0 : 1 + random.below(chain.length));
  const query = generationAndQuestion(before.map(sentenceOf).join(' '), question.text);
  const pages = yield { query, pages: random.pick(pagesGiven) };
  const found = reached(context, pages);
  const answer = concluded(context, found, pages);
  const thought = [...found.map(sentenceOf), conclusionSentence(answer)].join(' ');
  return chainParts([{ passages: pages, thought }], answer);
}

function* ircot(context: NamesAtHand): TranscriptWriter {
  const { random, question, chain } = context;
  const steps: ChainStep[] = [];
  const seen = new Map<string, Passage>();
  const stopsAfter = random.chance(DILIGENT) ? chain.length : random.below(chain.length);
  let query = question.text;
  for (let done = 0; ; done++) {
    const pages = yield { query, pages: PAGES_PER_STEP };
    const fresh = pages.filter(({ id }) => !seen.has(id)).slice(0, MOST_PAGES - seen.size);
    for (const page of fresh) seen.set(page.id, page);
    const hop = chain[done];
    const found = hop !== undefined && seen.has(hop.passageId);
    const ends = hop === undefined || !found || done + 1 >= Math.max(1, stopsAfter);
    if (!ends) {
      query = sentenceOf(hop);
      steps.push({ passages: fresh, thought: query });
      continue;
    }
    const facts = chain.slice(0, found ? done + 1 : done);
    const answer = concluded(context, facts, [...seen.values()]);
    const last = found ? [sentenceOf(hop)] : [];
    steps.push({ passages: fresh, thought: [...last, conclusionSentence(answer)].join(' ') });
    return chainParts(steps, answer);
  }
}

const sentenceOf = ({ relation, subject, object }: Hop): string => factSentence(relation, subject, object);

/** The chain's facts from its beginning, as far as these pages state them and the writer goes. */
function reached({ random, chain }: NamesAtHand, pages: readonly Passage[]): readonly Hop[] {
  const ids = new Set(pages.map(({ id }) => id));
  const missing = chain.findIndex(({ passageId }) => !ids.has(passageId));
  const stated = missing < 0 ? chain : chain.slice(0, missing);
  return random.chance(DILIGENT) ? stated : stated.slice(0, 1);
}

/** The answer where all facts are found; else the last object, one of two, or a name of the pages. */
function concluded(context: NamesAtHand, found: readonly Hop[], pages: readonly Passage[]): string {
  const { random, question, chain } = context;
  if (found.length === chain.length) return question.golds[0] ?? '';
  if (question.comparison !== undefined) return guessOf(context);
  const last = found.at(-1);
  if (last && random.chance(0.7)) return last.object;
  return nameAtHand(context, pages.length === 0 ? undefined : random.pick(pages), question.golds[0] ?? '');
}
