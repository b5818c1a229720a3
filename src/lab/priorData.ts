import type { Passage, Retriever } from '../retrieval/retriever.ts';
import type { PriorBehaviourName, PriorStage, SetShares } from '../research/priorMixture.ts';
import type { BaselinePart } from '../research/baselines/formats.ts';
import { knownFacts, writeTranscript } from '../research/priorTranscripts.ts';
import type { TranscriptWriter, Wanted } from '../research/transcriptWriter.ts';
import { generateWorld } from '../world/generate.ts';
import { Random } from '../world/random.ts';
import type { Question, World } from '../world/types.ts';

/** One transcript of the prior. */
export interface PriorTranscript {
  readonly question: Question;
  readonly behaviour: PriorBehaviourName;
  readonly parts: readonly BaselinePart[];
}

export interface PriorSource {
  readonly seed: number;
  readonly passages: number;
  readonly namesakes: number;
  /** Transcripts drawn from one world before the next. */
  readonly perWorld: number;
  readonly retriever: (world: World) => Promise<Retriever>;
}

const hops = { two: 0.5, three: 0.3, four: 0.2 };

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
  const sets = Object.entries(stage.sets) as [keyof SetShares, number][];
  const set = sets[random.weighted(sets.map(([, share]) => share))]?.[0] ?? 'musique';
  const { distractors } = stage;
  const world = generateWorld({
    seed,
    passages,
    namesakes,
    distractors,
    hops,
    questions: perWorld,
    about,
    set,
  });
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
  let waiting: { readonly of: Open; readonly wanted: Wanted }[] = [];
  const advance = (of: Open, pages?: readonly Passage[]): void => {
    const result = pages === undefined ? of.writer.next() : of.writer.next(pages);
    if (result.done !== true) waiting.push({ of, wanted: result.value });
    else if (result.value) done.push({ question: of.question, behaviour: of.behaviour, parts: result.value });
  };
  for (const of of open) advance(of);
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    const found = await retriever.search(
      batch.map(({ wanted }) => wanted.query),
      Math.max(...batch.map(({ wanted }) => wanted.pages)),
    );
    batch.forEach(({ of, wanted }, i) => {
      const pages = (found[i] ?? []).slice(0, wanted.pages).map(({ passage }) => passage);
      advance(of, pages.length > 0 ? pages : [random.pick(world.passages)]);
    });
  }
  return random.shuffle(done);
}
