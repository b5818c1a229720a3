import { topLogprobs } from '../engine/scoring.ts';
import { EnginePolicy } from '../policy/enginePolicy.ts';
import { formatOf } from '../research/format.ts';
import { rollOut } from '../research/rollout.ts';
import type { Passage, Retriever } from '../retrieval/retriever.ts';
import type { Trace } from '../traces/trace.ts';
import { loadCountries } from '../world/countries.ts';
import type { World } from '../world/types.ts';
import { breathe } from './breathe.ts';
import { CorpusMap } from './corpusMap.ts';
import { nowAndThen } from './nowAndThen.ts';
import { Eventual } from './eventual.ts';
import type { OpenKept } from './keeping/openKept.ts';
import type { CorpusChoice, LabRequest, OpenedCorpus } from './protocol.ts';
import type { Recipe } from './recipe.ts';
import { testWorld } from './testWorld.ts';
import type { Workbench } from './workbench.ts';
import type { RetrieverFactory } from './worlds.ts';

type PlayRequest = Extract<LabRequest, { type: 'play' }>;
type AlternativesRequest = Extract<LabRequest, { type: 'alternatives' }>;

/** Questions offered of a generated world, in the shape of each set. */
const OFFERED_QUESTIONS = 40;

interface OpenCorpus {
  readonly passagesAt: OpenKept['passagesAt'];
  readonly retriever: Eventual<Retriever>;
  readonly map: Eventual<CorpusMap>;
  /** Absent of a kept one: it has its index and the model of that, whatever embeds the others. */
  readonly passages?: readonly Passage[];
  readonly dispose?: () => Promise<void>;
}

const openCorpus = (passages: readonly Passage[], retriever: Eventual<Retriever>): OpenCorpus => ({
  passages,
  passagesAt: (places) => Promise.resolve(places.flatMap((place) => passages[place] ?? [])),
  retriever,
  map: new Eventual(
    async () =>
      new CorpusMap(
        passages.map(({ id }) => id),
        await retriever.get(),
      ),
  ),
});

const openedKept = ({ outline, passagesAt, retriever, dispose }: OpenKept): OpenCorpus => ({
  passagesAt,
  retriever: new Eventual(() => Promise.resolve(retriever)),
  map: new Eventual(() => Promise.resolve(new CorpusMap(outline.ids, retriever))),
  dispose,
});

type KeptChoice = Extract<CorpusChoice, { kind: 'kept' }>;

/** Answers single questions: one corpus, any policy, token by token. */
export class PlayDesk {
  private corpus: OpenCorpus | undefined;

  /** Opens a corpus, and begins to embed it: a rollout's first search waits for that, and nothing before it. */
  async open(
    bench: Workbench,
    recipe: Recipe,
    choice: CorpusChoice,
    openKept: (choice: KeptChoice) => Promise<OpenKept>,
    signal: AbortSignal,
  ): Promise<OpenedCorpus> {
    if (choice.kind === 'kept') {
      const kept = await openKept(choice);
      if (signal.aborted) await kept.dispose();
      signal.throwIfAborted();
      this.take(openedKept(kept));
      return { name: kept.name, outline: kept.outline, questions: [] };
    }
    const world = await worldOf(recipe, choice);
    if (world.passages.length === 0) {
      throw new Error(`${world.name}: there is no passage to search. Add at least one.`);
    }
    signal.throwIfAborted();
    const retriever = new Eventual(() => bench.retrieverOf(world.passages));
    retriever.begin();
    this.take(openCorpus(world.passages, retriever));
    const { name, passages, questions, credit } = world;
    return { name, passages, questions, ...(credit === undefined ? {} : { credit }) };
  }

  /** Frees what is open. Rollouts that still search in it are told so. */
  async close(): Promise<void> {
    await this.corpus?.dispose?.();
    this.corpus = undefined;
  }

  private take(next: OpenCorpus): void {
    void this.corpus?.dispose?.();
    this.corpus = next;
  }

  /** Embeds the open corpus again, with another embedding model; unchanged when that fails, and where it is a kept one. */
  async reembed(retrieverOf: RetrieverFactory, signal: AbortSignal): Promise<void> {
    const passages = this.corpus?.passages;
    if (passages === undefined) return;
    const retriever = await retrieverOf(passages, signal);
    this.corpus = openCorpus(passages, new Eventual(() => Promise.resolve(retriever)));
  }

  /** Searches in the open corpus, once it is embedded. */
  openRetriever(): Retriever {
    const corpus = this.opened();
    return {
      label: 'of the open corpus',
      search: async (queries, k) => (await corpus.retriever.get()).search(queries, k),
    };
  }

  /** The map of the open corpus, drawn when it is first asked for. */
  openMap(): Promise<CorpusMap> {
    return this.opened().map.get();
  }

  /** Passages of the open corpus by their places in it. */
  passagesAt(places: readonly number[]): Promise<readonly Passage[]> {
    return this.opened().passagesAt(places);
  }

  private opened(): OpenCorpus {
    if (!this.corpus)
      throw new Error('No corpus is open: choose a world, the real facts, or your own passages.');
    return this.corpus;
  }

  /** One rollout; `onTrace` gets snapshots while it is written. */
  async play(
    bench: Workbench,
    recipe: Recipe,
    request: PlayRequest,
    signal: AbortSignal,
    onTrace: (trace: Trace) => void,
  ): Promise<Trace> {
    const retriever = this.openRetriever();
    const decoder = bench.freeze(request.policy);
    try {
      const policy = new EnginePolicy({ name: request.policy, decoder, tokenizer: bench.tokenizer });
      const task = { question: request.question, group: 0, rollout: 0, draw: 0 };
      const [trace] = await rollOut(policy, retriever, [task], {
        format: formatOf(bench.tokenizer, recipe.rollout.prompt),
        sampling: { temperature: request.temperature, topK: 0, topP: 1 },
        seed: request.seed,
        passages: recipe.rollout.passages,
        maxTokens: recipe.rollout.maxTokens,
        maxSearches: recipe.rollout.maxSearches,
        reward: recipe.reward,
        emptyQuery: 'answer nothing',
        slots: 1,
        label: `play ${String(request.id)}`,
        signal,
        breathe,
        onToken: nowAndThen(onTrace),
      });
      if (!trace) throw new Error('The rollout was stopped before it began.');
      return trace;
    } finally {
      decoder.parameters.dispose();
    }
  }

  /** The most likely tokens after a prefix, with their probabilities at temperature 1. */
  async alternatives(
    bench: Workbench,
    request: AlternativesRequest,
  ): Promise<{ id: number; text: string; probability: number }[]> {
    const found = await topLogprobs(bench.policy(request.policy), request.prefix, request.k, 1);
    return found.map(({ id, logprob }) => ({
      id,
      text: bench.tokenizer.tokenTexts([id])[0] ?? '',
      probability: Math.exp(logprob),
    }));
  }
}

async function worldOf(recipe: Recipe, choice: Exclude<CorpusChoice, KeptChoice>): Promise<World> {
  switch (choice.kind) {
    case 'generated':
      return testWorld(recipe, choice.worldSeed, OFFERED_QUESTIONS);
    case 'countries':
      return loadCountries();
    case 'own':
      return { name: choice.name, seed: 0, passages: choice.passages, questions: choice.questions ?? [] };
  }
}
