import { scoreSequences } from '../engine/scoring.ts';
import { EnginePolicy } from '../policy/enginePolicy.ts';
import { continueRollout } from '../research/continueRollout.ts';
import { formatOf } from '../research/format.ts';
import type { Retriever } from '../retrieval/retriever.ts';
import type { Trace } from '../traces/trace.ts';
import { breathe } from './breathe.ts';
import { nowAndThen } from './nowAndThen.ts';
import type { ForkPlace, LabRequest } from './protocol.ts';
import type { Recipe } from './recipe.ts';
import type { Workbench } from './workbench.ts';
import { openGeneratedWorld, trainingWorld, trainingWorldIndex } from './worlds.ts';

type ForkRequest = Extract<LabRequest, { type: 'fork' }>;

/** Goes on with rollouts after another token than they took. */
export class ForkDesk {
  /** The world searched last: several forks of a rollout embed it once. */
  private last: { readonly key: string; readonly retriever: Retriever } | undefined;

  /**
   * @param recipe of what is loaded; a place of a run brings its own
   * @param openRetriever of Play's corpus
   */
  async fork(
    bench: Workbench,
    recipe: Recipe,
    openRetriever: () => Retriever,
    request: ForkRequest,
    signal: AbortSignal,
    onTrace: (trace: Trace) => void,
  ): Promise<Trace> {
    const { place, begun, question, seed, temperature } = request;
    const rules = place.kind === 'run' ? place.recipe : recipe;
    if (rules.model !== recipe.model) {
      throw new Error(
        `The rollout was written with the tokens of the model ${rules.model}; ${recipe.model} is loaded. Load a recipe with that model.`,
      );
    }
    const ids = begun.tokens.map(({ id }) => id);
    if (
      ids.some((id) => id >= bench.tokenizer.vocabularySize) ||
      bench.tokenizer.tokenTexts(ids).join('') !== begun.text
    ) {
      throw new Error(
        'The rollout’s tokens are not those of the loaded policy, so it cannot go on from them.',
      );
    }
    const decoder = bench.freeze(request.policy);
    try {
      const retriever = place.kind === 'run' ? await this.retriever(bench, place, signal) : openRetriever();
      signal.throwIfAborted();
      const policy = new EnginePolicy({ name: request.policy, decoder, tokenizer: bench.tokenizer });
      const whole = [...begun.prompt, ...ids, request.token];
      const [scores] = await scoreSequences(decoder, [{ ids: whole, from: whole.length - 1 }], temperature);
      const [logprob, entropy] = [scores?.logprob[0], scores?.entropy[0]];
      const { passages, maxTokens, maxSearches, topK, topP } = rules.rollout;
      return await continueRollout(
        policy,
        retriever,
        { question, group: 0, rollout: 0, draw: 0, begun },
        {
          id: request.token,
          ...(logprob === undefined ? {} : { logprob }),
          ...(entropy === undefined ? {} : { entropy }),
        },
        {
          format: formatOf(bench.tokenizer, rules.rollout.prompt),
          sampling: { temperature, topK, topP },
          seed,
          passages,
          maxTokens,
          maxSearches,
          reward: rules.reward,
          emptyQuery: place.kind === 'run' ? 'search' : 'answer nothing',
          slots: 1,
          label: `fork ${String(request.id)}`,
          signal,
          breathe,
          onToken: nowAndThen(onTrace),
        },
      );
    } finally {
      decoder.parameters.dispose();
    }
  }

  /** The world is embedded again when next searched. */
  forgetWorlds(): void {
    this.last = undefined;
  }

  private async retriever(
    bench: Workbench,
    { recipe, updates }: Extract<ForkPlace, { kind: 'run' }>,
    signal: AbortSignal,
  ): Promise<Retriever> {
    const key = JSON.stringify([recipe, trainingWorldIndex(recipe, updates)]);
    if (this.last?.key !== key) {
      const world = trainingWorld(recipe, updates);
      const { retriever } = await openGeneratedWorld(recipe, world, bench.retrieverOf, signal);
      this.last = { key, retriever };
    }
    return this.last.retriever;
  }
}
