import { variantNames, variantOf } from '../../grpo/variants/variants.ts';

interface DialText {
  /** The field by its dotted name. */
  readonly field: string;
  readonly label: string;
  /** What turning it does. */
  readonly about: string;
}

export interface DialOption {
  readonly value: string;
  readonly label: string;
  /** What the choice does; said while it is chosen. */
  readonly about: string;
}

/** A dial of the recipe editor. */
export type Dial = DialText &
  (
    | { readonly kind: 'number' | 'switch' | 'text' }
    | { readonly kind: 'choice'; readonly options: readonly DialOption[] }
  );

export interface DialGroup {
  readonly title: string;
  /** What the dials take of memory is said below them. */
  readonly memory?: true;
  readonly dials: readonly Dial[];
}

const plain =
  (kind: 'number' | 'switch' | 'text') =>
  (field: string, label: string, about: string): Dial => ({ field, label, about, kind });
const number = plain('number');
const toggle = plain('switch');

const choice = (field: string, label: string, about: string, options: readonly DialOption[]): Dial => ({
  field,
  label,
  about,
  kind: 'choice',
  options,
});

const variantOptions = variantNames.map((name): DialOption => {
  const { label, about } = variantOf(name);
  return { value: name, label, about };
});

const retrieverOptions: readonly DialOption[] = [
  { value: 'healthy', label: 'the index', about: 'The nearest passages of the world, as they should be.' },
  {
    value: 'random',
    label: 'random',
    about: 'Passages drawn blindly: does it still search when searching does not help?',
  },
  { value: 'empty', label: 'nothing', about: 'Every search comes back empty.' },
];

const answerOptions: readonly DialOption[] = [
  { value: 'f1', label: 'F1', about: 'Pays the share of words that are right, as the paper does.' },
  { value: 'em', label: 'exact match', about: 'Pays 1 for exactly right, and nothing for nearly.' },
];

const formatOptions: readonly DialOption[] = [
  {
    value: 'gate',
    label: 'gate',
    about: 'Broken form earns nothing, whatever the answer: the paper’s code.',
  },
  {
    value: 'share',
    label: 'a share',
    about: 'Form earns “Form is worth”, the answer the rest, each for itself; at 0 only the answer counts.',
  },
];

const methodOptions: readonly DialOption[] = [
  {
    value: 'auto',
    label: 'automatic',
    about: 'A LoRA adapter for chat models; all weights for the small policies that come with the page.',
  },
  {
    value: 'full',
    label: 'all weights',
    about: 'Every weight has a gradient and two moments: sixteen bytes each, and the reference beside them.',
  },
  {
    value: 'lora',
    label: 'an adapter',
    about:
      'Two thin matrices beside each chosen one learn (LoRA); the model stays, and is its own reference.',
  },
];

const frozenOptions: readonly DialOption[] = [
  { value: 'auto', label: 'as in the file', about: 'In as many bits as the model’s file has.' },
  { value: 'f32', label: '32 bits', about: 'f32: four bytes a weight, and the fastest products.' },
  { value: 'f16', label: '16 bits', about: 'f16: two bytes a weight; exact for most published models.' },
  { value: 'int8', label: '8 bits', about: 'int8 in groups of 32: 1.13 bytes a weight, nearly exact.' },
  {
    value: 'int4',
    label: '4 bits',
    about: 'int4 in groups of 32: 0.75 bytes a weight; exact for files that are quantised so, else rounded.',
  },
];

/** The dials that matter first; every other field can be set in a recipe file or the link. */
export const dialGroups: readonly DialGroup[] = [
  {
    title: 'The run',
    dials: [
      number(
        'seed',
        'Seed',
        'The dice of the rollouts. The same recipe with the same seed gives the same run.',
      ),
      plain('text')(
        'model',
        'Base policy',
        'Folder under models/: what its prior has seen decides what reward can find.',
      ),
      number('grpo.steps', 'Updates', 'How many times the policy is changed.'),
      number('grpo.questions', 'Questions', 'Groups of an update: one question each.'),
      number(
        'grpo.groupSize',
        'Rollouts a question',
        'G: only what differs inside a group teaches. At least 2.',
      ),
    ],
  },
  {
    title: 'The rollouts',
    dials: [
      number(
        'rollout.temperature',
        'Temperature',
        'How freely rollouts are drawn. Above 0: greedy groups have no spread.',
      ),
      number('rollout.maxTokens', 'Most response tokens', 'Rollouts are cut there, results included.'),
      number('rollout.maxSearches', 'Most searches', 'Rollouts are cut at the next one; 0 is no limit.'),
      number(
        'rollout.passages',
        'Passages a search',
        'Top-k: more pages to find the right one in, and to read.',
      ),
      choice(
        'rollout.retriever',
        'Searches find',
        'What answers a search, in training and evaluation.',
        retrieverOptions,
      ),
    ],
  },
  {
    title: 'The reward',
    dials: [
      choice('reward.answer', 'Answers pay by', 'How near a right answer has to come.', answerOptions),
      choice('reward.format', 'Form is', 'What broken tags cost.', formatOptions),
      number(
        'reward.floor',
        'Form is worth',
        'What a well-formed wrong answer earns: 0.1 in the paper. It also hides whether searching pays.',
      ),
      number(
        'reward.overlong',
        'Overlong share',
        'In the last share of the most response tokens, length costs up to 1 (DAPO); 0 is nowhere.',
      ),
    ],
  },
  {
    title: 'The update',
    dials: [
      choice('grpo.variant', 'Variant', 'How rewards become a loss.', variantOptions),
      number(
        'grpo.learningRate',
        'Learning rate',
        'Too small and nothing happens; too large and the policy collapses.',
      ),
      number('grpo.warmupSteps', 'Warm-up', 'Updates over which the learning rate rises to its full size.'),
      number(
        'grpo.minibatches',
        'Minibatches',
        'Optimiser steps a batch is cut into. At 1, with 1 pass, every ratio is 1 and no clip acts.',
      ),
      number(
        'grpo.epochs',
        'Passes',
        'Times a batch is gone through: more are cheap, and further off-policy.',
      ),
      number('grpo.clipLow', 'Clip below', 'A ratio under 1 less this stops pushing down.'),
      number('grpo.clipHigh', 'Clip above', 'A ratio over 1 and this stops pushing up.'),
      number('grpo.klWeight', 'KL weight', 'Pulls back to the policy it started as; 0 lets go.'),
      number('grpo.entropyWeight', 'Entropy weight', 'Pays for staying open at each token; 0 pays nothing.'),
      number(
        'grpo.lldsWeight',
        'LLDS weight',
        'Resists when a turn that did well becomes less likely; needs several optimiser steps a batch.',
      ),
      number(
        'grpo.redraws',
        'Redraws',
        'Times that groups whose rollouts all earned the same are replaced by other questions.',
      ),
      toggle(
        'grpo.divideByStd',
        'Divide by the spread',
        'As in the paper’s code. Without it a group of 0 and 0.1 speaks ten times more softly than one of 0 and 1.',
      ),
      toggle(
        'grpo.maskResults',
        'Mask results',
        'Leaves out of the loss what retrieval wrote. Without it the policy is pushed to say the passages itself.',
      ),
    ],
  },
  {
    title: 'What learns',
    memory: true,
    dials: [
      choice('training.method', 'Learns by', 'Which numbers an update changes.', methodOptions),
      number(
        'training.rank',
        'Adapter’s rank',
        'Columns of its thin matrices, 1 to 256: more can learn more, and take more memory.',
      ),
      number(
        'training.alpha',
        'Adapter’s alpha',
        'Its part is multiplied by alpha over rank; usually twice the rank.',
      ),
      plain('text')(
        'training.targets',
        'Adapter’s targets',
        'Projections of each layer that get one, with commas between: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj.',
      ),
      choice(
        'training.frozen',
        'Other weights in',
        'How the weights beside an adapter are kept.',
        frozenOptions,
      ),
      toggle(
        'training.checkpointing',
        'Run layers twice',
        'Keeps each layer’s input alone and runs it again for its gradient: far less memory, a third more work, the same bits.',
      ),
      number(
        'backend.tokensPerBatch',
        'Tokens of a batch',
        'Most tokens whose gradient is computed at once; fewer take less memory and more time.',
      ),
    ],
  },
  {
    title: 'The world',
    dials: [
      number(
        'worldSeed',
        'World seed',
        'The world that is asked before and after. Training worlds are others.',
      ),
      number('world.passages', 'Passages', 'Pages of a world.'),
      number(
        'world.namesakes',
        'Namesakes',
        'Share of names borne by more than one, 0 to 1: what makes a first search go wrong.',
      ),
      number(
        'world.distractors',
        'Distractors',
        'Share of pages that answer nothing but are named like others, 0 to 0.8.',
      ),
      number('world.places', 'Worlds of places', 'Share of training worlds that are mostly of countries.'),
      number('world.hops.two', '2-hop questions', 'Share.'),
      number('world.hops.three', '3-hop questions', 'Share.'),
      number('world.hops.four', '4-hop questions', 'Share.'),
      number('evaluation.questions', 'Evaluation questions', 'Asked before and after; 0 skips it.'),
    ],
  },
];
