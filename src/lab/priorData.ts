import type { Retriever } from '../retrieval/retriever.ts';
import type { Passage } from '../retrieval/retriever.ts';
import type { PriorBehaviourName, PriorStage } from '../research/priorMixture.ts';
import {
  knownFacts,
  writeTranscript,
  type TranscriptPart,
  type TranscriptWriter,
} from '../research/priorTranscripts.ts';
import { generateWorld } from '../world/generate.ts';
import { Random } from '../world/random.ts';
import type { Question, World } from '../world/types.ts';

/** One transcript of the prior. */
export interface PriorTranscript {
  readonly question: Question;
  readonly behaviour: PriorBehaviourName;
  readonly parts: readonly TranscriptPart[];
}

export interface PriorSource {
  readonly seed: number;
  readonly passages: number;
  readonly namesakes: number;
  /** Transcripts drawn from one world before the next. */
  readonly perWorld: number;
  readonly retriever: (world: World) => Promise<Retriever>;
}

const hops = { two: 0.6, three: 0.3, four: 0.1 };

/** All transcripts of world number `index`, behaviours drawn by the stage's shares. */
export async function transcriptsOfWorld(
  source: PriorSource,
  index: number,
  stage: PriorStage,
): Promise<PriorTranscript[]> {
  const { passages, namesakes, perWorld } = source;
  const random = new Random(Math.imul(source.seed + 1, 0x9e3779b1) ^ (index + 1));
  // Seeds of prior worlds have the top bit of 31 set: no training or evaluation world of a recipe is met here.
  const seed = 0x40000000 + random.below(0x3fffffff);
  const about = random.chance(stage.places) ? 'places' : 'everything';
  const world = generateWorld({ seed, passages, namesakes, hops, questions: perWorld, about });
  const retriever = await source.retriever(world);
  const shares = Object.entries(stage.shares) as [PriorBehaviourName, number][];
  const facts = knownFacts(world.questions);
  const open = world.questions.map((question) => {
    const behaviour = shares[random.weighted(shares.map(([, share]) => share))]?.[0] ?? 'guess';
    return {
      question,
      behaviour,
      writer: writeTranscript(behaviour, stage, random.fork(), world, facts, question),
    };
  });
  return runWriters(open, world, retriever, random);
}

interface Open {
  readonly question: Question;
  readonly behaviour: PriorBehaviourName;
  readonly writer: TranscriptWriter;
}

/** Runs the writers in step, so that their queries are searched together. */
async function runWriters(
  open: readonly Open[],
  world: World,
  retriever: Retriever,
  random: Random,
): Promise<PriorTranscript[]> {
  const done: PriorTranscript[] = [];
  let waiting: { readonly of: Open; readonly query: string }[] = [];
  const advance = (of: Open, passage?: Passage): void => {
    const result = passage === undefined ? of.writer.next() : of.writer.next(passage);
    if (result.done !== true) waiting.push({ of, query: result.value });
    else if (result.value) done.push({ question: of.question, behaviour: of.behaviour, parts: result.value });
  };
  for (const of of open) advance(of);
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    const found = await retriever.search(
      batch.map((w) => w.query),
      1,
    );
    batch.forEach((w, i) => {
      advance(w.of, found[i]?.[0]?.passage ?? random.pick(world.passages));
    });
  }
  return random.shuffle(done);
}
