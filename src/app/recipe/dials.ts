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

const promptOptions: readonly DialOption[] = [
  {
    value: 'system',
    label: 'by a system message',
    about: 'The tool in a system message, then the question: as the paper asks instruct models.',
  },
  {
    value: 'begun',
    label: 'with <think> begun',
    about:
      'Tool and question in one message, the answer begun by <think> in its name: so the smallest models find the form at times.',
  },
];

const answerOptions: readonly DialOption[] = [
  { value: 'f1', label: 'F1', about: 'Pays for the share of words that are right, as in the paper.' },
  { value: 'em', label: 'exact match', about: 'Pays 1 for exactly right and nothing for nearly right.' },
];

const formatOptions: readonly DialOption[] = [
  {
    value: 'gate',
    label: 'a gate',
    about: 'A broken format earns nothing, whatever the answer, as in the paper’s code.',
  },
  {
    value: 'share',
    label: 'a share',
    about:
      'The format earns what it is worth and the answer the rest, separately; at 0 only the answer counts.',
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
        'A folder under models/, or kept: and a name from Models. What its pretraining has shown it decides what reward can find.',
      ),
      number('grpo.steps', 'Updates', 'How many times the policy is changed.'),
      number('grpo.questions', 'Questions', 'Asked in each update, with a group of rollouts each.'),
      number(
        'grpo.groupSize',
        'Rollouts a question',
        'Size of a group, G: only differences within it teach. At least 2.',
      ),
    ],
  },
  {
    title: 'The rollouts',
    dials: [
      number(
        'rollout.temperature',
        'Temperature',
        'How freely tokens are drawn. Must be above 0: greedy rollouts are all alike.',
      ),
      number('rollout.maxTokens', 'Most response tokens', 'Longer rollouts are cut off; passages count too.'),
      number('rollout.maxSearches', 'Most searches', 'A rollout is cut off at one more; 0 means no limit.'),
      number(
        'rollout.passages',
        'Passages a search',
        'Top k: with more, the right page is likelier among them, and there is more to read.',
      ),
      choice(
        'rollout.retriever',
        'Searches find',
        'What answers a search, in training and evaluation.',
        retrieverOptions,
      ),
      choice(
        'rollout.prompt',
        'A chat model is asked',
        'How it is told of the search tool. The small policies have their own way.',
        promptOptions,
      ),
    ],
  },
  {
    title: 'The reward',
    dials: [
      choice(
        'reward.answer',
        'Answer is scored by',
        'How close to the right answer it has to be.',
        answerOptions,
      ),
      choice('reward.format', 'Format counts as', 'What a broken format costs.', formatOptions),
      number(
        'reward.floor',
        'Format is worth',
        'What a wrong answer in the right format earns: 0.1 in the paper. It also hides whether searching pays.',
      ),
      number(
        'reward.overlong',
        'Overlong share',
        'Within this last share of the response tokens, length costs up to 1 (DAPO); 0 turns it off.',
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
        'Optimiser steps made of a batch. With 1 step and 1 pass every ratio is 1, and nothing is clipped.',
      ),
      number(
        'grpo.epochs',
        'Passes',
        'How often a batch is gone through: more is cheap, and further off-policy.',
      ),
      number('grpo.clipLow', 'Clip below', 'A ratio below 1 minus this is pushed down no further.'),
      number('grpo.clipHigh', 'Clip above', 'A ratio above 1 plus this is pushed up no further.'),
      number('grpo.klWeight', 'KL weight', 'Pulls back towards the policy it started as; 0 turns it off.'),
      number('grpo.entropyWeight', 'Entropy weight', 'Pays for uncertainty at each token; 0 turns it off.'),
      number(
        'grpo.lldsWeight',
        'LLDS weight',
        'Resists making a turn that did well less likely; needs several optimiser steps a batch.',
      ),
      number(
        'grpo.redraws',
        'Redraws',
        'How often groups whose rollouts all earned the same are replaced by new questions.',
      ),
      toggle(
        'grpo.divideByStd',
        'Divide by the spread',
        'As in the paper’s code. Without it a group of 0 and 0.1 pushes ten times less than one of 0 and 1.',
      ),
      toggle(
        'grpo.maskResults',
        'Mask results',
        'Leaves the retrieved passages out of the loss. Without it the policy is pushed to write passages itself.',
      ),
    ],
  },
  {
    title: 'What learns',
    memory: true,
    dials: [
      choice('training.method', 'What is trained', 'Which weights an update changes.', methodOptions),
      number(
        'training.rank',
        'Adapter’s rank',
        'Columns of its thin matrices, 1 to 256: more learn more and take more memory.',
      ),
      number(
        'training.alpha',
        'Adapter’s alpha',
        'It is scaled by alpha over rank; alpha is usually twice the rank.',
      ),
      plain('text')(
        'training.targets',
        'Adapter’s targets',
        'Projections of each layer that get one, separated by commas: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj.',
      ),
      choice(
        'training.frozen',
        'Other weights are kept',
        'How the frozen weights beside an adapter are stored.',
        frozenOptions,
      ),
      toggle(
        'training.checkpointing',
        'Run layers twice',
        'Keeps only each layer’s input and runs the layer again for its gradient: far less memory, a third more work, the same result to the bit.',
      ),
      number(
        'backend.tokensPerBatch',
        'Tokens at once',
        'Whose gradient is computed together; fewer take less memory and more time.',
      ),
    ],
  },
  {
    title: 'The world',
    dials: [
      number(
        'worldSeed',
        'World seed',
        'The world asked about before and after. Training uses other worlds.',
      ),
      number('world.passages', 'Passages', 'Pages of a world.'),
      number(
        'world.namesakes',
        'Namesakes',
        'Share of names with more than one bearer, 0 to 1: what makes a first search go wrong.',
      ),
      number(
        'world.distractors',
        'Distractors',
        'Share of pages that answer nothing but are named like others, 0 to 0.8.',
      ),
      number('world.places', 'Worlds of places', 'Share of training worlds that are mostly countries.'),
      number('world.hops.two', '2-hop questions', 'Share of the questions.'),
      number('world.hops.three', '3-hop questions', 'Share of the questions.'),
      number('world.hops.four', '4-hop questions', 'Share of the questions.'),
      number('evaluation.questions', 'Evaluation questions', 'Asked before and after; 0 skips it.'),
    ],
  },
];
