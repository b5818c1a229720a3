import { describe, expect, it } from 'vitest';
import { encodeTranscript } from '../../../src/lab/pretrain.ts';
import { transcriptsOfWorld, type PriorSource, type PriorTranscript } from '../../../src/lab/priorData.ts';
import { recipeSchema } from '../../../src/lab/recipe.ts';
import { NANO_FORMAT } from '../../../src/research/format.ts';
import { priorBehaviours, priorStages, type PriorStage } from '../../../src/research/priorMixture.ts';
import { rollOut } from '../../../src/research/rollout.ts';
import type { RolloutTask } from '../../../src/research/rolloutOptions.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import type { RetrievedPassage, Retriever } from '../../../src/retrieval/retriever.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import type { World } from '../../../src/world/types.ts';
import { ScriptedPolicy, tokenizer } from '../research/scriptedPolicy.ts';

/** BM25, with a page for every query: the first of the world where no word is shared. */
function retrieverOver(world: World): Retriever {
  const lexical = createLexicalRetriever(world.passages);
  const [first] = world.passages;
  return {
    label: lexical.label,
    search: async (queries, k) => {
      const found = await lexical.search(queries, k);
      return found.map((list): RetrievedPassage[] =>
        list.length > 0 || first === undefined ? list : [{ passage: first, score: 0 }],
      );
    },
  };
}

const worlds: World[] = [];
const source: PriorSource = {
  seed: 4,
  passages: 120,
  namesakes: 0.45,
  perWorld: 150,
  retriever: (world) => {
    worlds.push(world);
    return Promise.resolve(retrieverOver(world));
  },
};

/** A stage in which every behaviour is as frequent as the others. */
const even: PriorStage = {
  name: 'even',
  tokens: 1,
  learningRate: 0,
  shares: {
    guess: 1,
    'one search': 1,
    'useless query': 1,
    'good chain': 1,
    'sloppy chain': 1,
    'broken format': 1,
    'given pages': 0,
  },
  queries: { name: 1, nameAndRelation: 1, full: 1 },
  noticing: 0.5,
  places: 0.5,
  sets: { musique: 0.4, hotpotqa: 0.2, '2wiki': 0.2, words: 0.2 },
  distractors: 0.05,
};

interface Replay {
  readonly transcript: PriorTranscript;
  readonly trace: Trace;
}

/** Each transcript of a world written again by a policy that follows it, through the rollout of training. */
async function replay(index: number): Promise<Replay[]> {
  const transcripts = await transcriptsOfWorld(source, index, even);
  const world = worlds.at(-1);
  if (!world) throw new Error('no world was opened');
  const policy = new ScriptedPolicy((_prompt, draw) =>
    (transcripts[draw]?.parts ?? []).flatMap((part) => (part.kind === 'generated' ? [part.text] : [])),
  );
  const tasks = transcripts.map(({ question }, draw): RolloutTask => ({
    question,
    group: draw,
    rollout: 0,
    draw,
  }));
  const traces = await rollOut(policy, retrieverOver(world), tasks, {
    format: NANO_FORMAT,
    sampling: { temperature: 1, topK: 0, topP: 1 },
    seed: 1,
    passages: 1,
    maxTokens: 4000,
    maxSearches: 0,
    emptyQuery: 'search',
    slots: tasks.length,
    label: 'replay',
  });
  return transcripts.flatMap((transcript, i) => {
    const trace = traces[i];
    return trace ? [{ transcript, trace }] : [];
  });
}

describe('a transcript of the prior', () => {
  it('is token by token what a rollout that writes it makes, with the same weight on what is the policy’s', async () => {
    const replays = await replay(0);
    expect(replays.length).toBeGreaterThan(100);
    for (const { transcript, trace } of replays) {
      const { ids, weights } = encodeTranscript(tokenizer, transcript, 0.25);
      const prompt = trace.prompt.ids.length;
      expect(ids).toEqual([...trace.prompt.ids, ...trace.tokens.ids]);
      expect(weights.slice(prompt)).toEqual(trace.tokens.generated.map((own) => (own ? 1 : 0.25)));
      expect(weights.slice(0, prompt)).toEqual([0, ...Array<number>(prompt - 1).fill(0.25)]);
      expect(trace.stop).toBe('eos');
    }
  });

  it('does what its behaviour says', async () => {
    const replays = [...(await replay(1)), ...(await replay(2))];
    const of = (behaviour: PriorTranscript['behaviour']): Trace[] =>
      replays.filter(({ transcript }) => transcript.behaviour === behaviour).map(({ trace }) => trace);
    const comparisons = new Set(
      replays.flatMap(({ transcript: { question } }) =>
        question.comparison === undefined ? [] : [question.text],
      ),
    );
    const emOf = (traces: readonly Trace[]): number =>
      traces.reduce((sum, { reward }) => sum + (reward?.em ?? 0), 0) / traces.length;
    for (const trace of of('good chain')) {
      expect(trace.reward).toMatchObject({ branch: 'right answer, F1', value: 1, em: 1 });
      const gold = trace.searches.filter(({ passages }) => passages[0]?.gold === true);
      expect(gold.length).toBeGreaterThanOrEqual(trace.question.hops ?? Infinity);
      // Each page that was not on the chain is answered by a correction, and nothing else is.
      expect(trace.behaviours?.includes('self-correction')).toBe(trace.searches.length > gold.length);
    }
    expect(of('good chain').some(({ behaviours }) => behaviours?.includes('self-correction'))).toBe(true);
    for (const trace of of('guess')) expect(trace.searches).toHaveLength(0);
    for (const trace of of('one search')) expect(trace.searches).toHaveLength(1);
    for (const trace of of('useless query')) expect(trace.searches).toHaveLength(1);
    for (const trace of of('broken format')) expect(trace.reward?.value).toBe(0);
    // One search is enough for a single fact, and a guess for half of the comparisons.
    const chains = (traces: readonly Trace[]): Trace[] =>
      traces.filter(({ question }) => (question.hops ?? 0) > 1 && !comparisons.has(question.text));
    for (const behaviour of ['guess', 'one search', 'useless query', 'sloppy chain'] as const) {
      expect(emOf(chains(of(behaviour))), behaviour).toBeLessThan(0.05);
      expect(of(behaviour).every(({ reward }) => reward?.branch !== 'no box')).toBe(true);
    }
  });
});

describe('transcriptsOfWorld', () => {
  it('gives the same for a seed and number, others for another of either', async () => {
    const texts = async (change: Partial<PriorSource>, index: number): Promise<string[]> =>
      (await transcriptsOfWorld({ ...source, perWorld: 20, ...change }, index, even)).map(
        ({ question }) => question.text,
      );
    const first = await texts({}, 0);
    expect(await texts({}, 0)).toEqual(first);
    expect(await texts({}, 1)).not.toEqual(first);
    expect(await texts({ seed: 5 }, 0)).not.toEqual(first);
  });

  it('opens no world that a recipe could train or be judged on', async () => {
    worlds.length = 0;
    for (let index = 0; index < 60; index++) {
      await transcriptsOfWorld({ ...source, seed: index % 3, passages: 50, perWorld: 1 }, index, even);
    }
    expect(new Set(worlds.map(({ seed }) => seed)).size).toBe(60);
    for (const { seed } of worlds) {
      expect(recipeSchema.shape.worldSeed.safeParse(seed).success, String(seed)).toBe(false);
      expect(seed).toBeLessThanOrEqual(0x7fffffff);
    }
  });

  it.each(priorStages.map((stage) => [stage.name, stage] as const))(
    'draws behaviours by the shares of the stage “%s”',
    async (_name, stage) => {
      const counts = new Map<string, number>();
      let asked = 0;
      let written = 0;
      for (let index = 0; index < 8; index++) {
        const transcripts = await transcriptsOfWorld({ ...source, perWorld: 250 }, index, stage);
        asked += 250;
        written += transcripts.length;
        for (const { behaviour } of transcripts) counts.set(behaviour, (counts.get(behaviour) ?? 0) + 1);
      }
      for (const [behaviour, share] of Object.entries(stage.shares)) {
        const drawn = (counts.get(behaviour) ?? 0) / asked;
        // A good chain whose pages retrieval does not bring is left out: their share is never above the stated one.
        const lost = behaviour === 'good chain' ? (asked - written) / asked : 0;
        expect(Math.abs(drawn + lost - share), behaviour).toBeLessThan(0.03);
      }
    },
  );
});

describe('the prior’s mixture', () => {
  it('has stages whose shares add up to 1', () => {
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    for (const { shares, queries } of priorStages) {
      expect(sum(Object.values(queries))).toBeCloseTo(1);
      expect(sum(Object.values(shares))).toBeCloseTo(1);
      expect(Object.keys(shares).sort()).toEqual(Object.keys(priorBehaviours).sort());
    }
  });

  it('keeps transcripts that answer right by searching a small part', () => {
    for (const { shares } of priorStages) expect(shares['good chain']).toBeLessThan(0.2);
  });
});
