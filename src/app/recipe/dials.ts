/** A dial of the recipe editor: a field by its dotted name, what it is called, and what turning it does. */
export interface Dial {
  readonly field: string;
  readonly label: string;
  readonly about: string;
  readonly kind: 'number' | 'switch';
}

export interface DialGroup {
  readonly title: string;
  readonly dials: readonly Dial[];
}

const number = (field: string, label: string, about: string): Dial => ({
  field,
  label,
  about,
  kind: 'number',
});

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
      number('grpo.steps', 'Updates', 'How many times the policy is changed.'),
      number('grpo.questions', 'Questions', 'Groups of an update: one question each.'),
      number(
        'grpo.groupSize',
        'Rollouts a question',
        'G: only what differs inside a group teaches. At least 2.',
      ),
      number(
        'rollout.temperature',
        'Temperature',
        'How freely rollouts are drawn; 0 is greedy, and then no group has spread.',
      ),
      number('rollout.maxTokens', 'Most response tokens', 'Rollouts are cut there, results included.'),
    ],
  },
  {
    title: 'The update',
    dials: [
      number(
        'grpo.learningRate',
        'Learning rate',
        'Too small and nothing happens; too large and the policy collapses.',
      ),
      number('grpo.warmupSteps', 'Warm-up', 'Updates over which the learning rate rises to its full size.'),
      number('grpo.klWeight', 'KL weight', 'Pulls back to the policy it started as; 0 lets go.'),
      {
        field: 'grpo.divideByStd',
        label: 'Divide by the spread',
        about:
          'As in the paper’s code. Without it a group of 0 and 0.1 speaks ten times more softly than one of 0 and 1.',
        kind: 'switch',
      },
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
      number('world.places', 'Worlds of places', 'Share of training worlds that are mostly of countries.'),
      number('world.hops.two', '2-hop questions', 'Share.'),
      number('world.hops.three', '3-hop questions', 'Share.'),
      number('world.hops.four', '4-hop questions', 'Share.'),
      number('evaluation.questions', 'Evaluation questions', 'Asked before and after; 0 skips it.'),
    ],
  },
];
