/** A number or word of the page, explained once: what it is, and what to look for in it. */
export interface TermText {
  readonly name: string;
  /** Absent: it has none. */
  readonly unit?: string;
  readonly means: string;
  readonly look: string;
}

export const terms = {
  memory: {
    name: 'Memory of the engine',
    unit: 'MB',
    means: 'The most that weights, optimiser, caches and activations have held at once.',
    look: 'It grows in the first update and then stays. The rest of the page is not counted.',
  },
  speed: {
    name: 'Speed',
    unit: 'tokens a second',
    means: 'Tokens written and tokens trained on in the last update, by the seconds it took.',
    look: 'Searching and embedding are in it. Slow motion lowers it on purpose.',
  },
  timeLeft: {
    name: 'Time left',
    means: 'The updates to come, at the mean pace of the last five.',
    look: 'It grows as rollouts grow longer: a policy that searches more writes more.',
  },
  parameters: {
    name: 'Parameters',
    unit: 'numbers',
    means: 'The numbers that the policy is made of; an update changes all of them a little.',
    look: 'The shipped policy has less than a million. Models in use have thousands of times more.',
  },
  backend: {
    name: 'Backend and adapter',
    means: 'What computes here: WebGPU on a graphics adapter, or WebAssembly on the processor.',
    look: 'Both give the same answers; which one is faster depends on the device and the model.',
  },
  exactMatch: {
    name: 'Right answers',
    unit: '% of questions',
    means: 'Exact match: the answer equals an accepted one after both are put in the same form.',
    look: 'Whether intervals overlap: where they do, the difference may be chance.',
  },
  interval: {
    name: '95 % interval',
    unit: '%',
    means: 'Where the share would lie if far more questions of this kind were asked.',
    look: 'Four times the questions halve it. Intervals that overlap say that nothing is decided.',
  },
  f1: {
    name: 'F1',
    unit: '0 to 1',
    means: 'Words shared by answer and accepted answer, weighed against those that are not.',
    look: 'Above exact match: some answers are nearly right, or say too much.',
  },
  searches: {
    name: 'Searches',
    unit: 'a rollout',
    means: 'How often the policy asked the index before it answered. Never paid itself.',
    look: 'About the number of hops is enough; more is doubt, fewer is a guess.',
  },
  selfCorrection: {
    name: 'Self-correction',
    unit: '% of rollouts',
    means: 'It says that it went wrong, searches anew, and gets a page it needs.',
    look: 'A rise that nobody paid for: only right answers earn.',
  },
  tokens: {
    name: 'Tokens',
    unit: 'a rollout',
    means:
      'The pieces that a rollout is made of, what was read included; its own are those the policy wrote.',
    look: 'Only its own are trained. What was read is most of a rollout that searches.',
  },
  responseTokens: {
    name: 'Response tokens',
    unit: 'a rollout',
    means: 'Tokens that the policy wrote itself, without what was read.',
    look: 'Longer where it searches more; longer alone is no better.',
  },
  share: {
    name: 'Share of rollouts',
    unit: '%',
    means: 'Of all rollouts of an update, those in which a detector finds the behaviour.',
    look: 'The course over many updates. One update is a small sample: its share jumps.',
  },
  hops: {
    name: 'Hops',
    means: 'How many facts have to be found one after the other to answer the question.',
    look: 'Each hop needs what the one before found, so a guess at the start fails at the end.',
  },
  entropy: {
    name: 'Entropy',
    unit: 'nats',
    means: 'How open the choice was at a token: 0 where one token had all the chance.',
    look: 'High at the forks of a rollout, where another draw would have gone elsewhere.',
  },
  reward: {
    name: 'Reward',
    unit: '0 to 1',
    means: 'What a finished rollout earned: its answer’s F1, a tenth for good form alone, 0 for broken form.',
    look: 'Nothing else is learned from. How often it searched is never paid.',
  },
  mean: {
    name: 'Mean of the group',
    unit: 'reward',
    means: 'What the rollouts of one question earned on average: the measure each of them is held against.',
    look: 'Near 0 or 1 the question is too hard or too easy to tell rollouts apart.',
  },
  spread: {
    name: 'Spread of the group',
    unit: 'reward',
    means: 'The standard deviation of the group’s rewards, over n − 1.',
    look: 'Spread 0: every rollout earned the same, this group teaches nothing.',
  },
  advantage: {
    name: 'Advantage',
    unit: 'spreads, or reward where none divides',
    means: 'How much better a rollout did than what it is held against. All its tokens share it.',
    look: 'Above 0 its tokens are made likelier, below 0 less likely.',
  },
  ratio: {
    name: 'Ratio ρ',
    unit: 'times',
    means: 'How likely the policy finds a token now, by how likely it was when it was drawn.',
    look: '1 in the first optimiser step, but for rounding: the policy is still the one that drew it.',
  },
  clip: {
    name: 'Clip',
    unit: 'ratio',
    means: 'Beyond these bounds a ratio earns nothing more, so that one batch cannot pull the policy far.',
    look: 'Underlined tokens are held by it. Many of them: the steps are too large.',
  },
  kl: {
    name: 'KL to the reference',
    unit: 'nats a token',
    means: 'How far the policy has gone from the one that training began with, by the k3 estimate.',
    look: 'Counted only where the recipe weighs it; the paper’s small runs do not.',
  },
  push: {
    name: 'Push',
    unit: 'objective per unit of its logit',
    means: 'How strongly the update moves the token: how the objective changes with the token’s own logit.',
    look: 'Orange is made likelier, blue less likely. A tag drawn with certainty can hardly move.',
  },
  objective: {
    name: 'Objective of a token',
    means: 'The smaller of ratio × advantage and clipped ratio × advantage, less the weighed KL.',
    look: 'The sum over all tokens, each by its weight, is what the update raises.',
  },
  weight: {
    name: 'Weight of a token',
    unit: 'share of the loss',
    means: 'How much one token of this rollout counts in the mean of its minibatch.',
    look: 'GRPO gives every token the same; GSPO and RLOO the same to every rollout, however long.',
  },
  loss: {
    name: 'Loss',
    means: 'Minus the objective, over the whole minibatch: what the gradient goes down.',
    look: 'Near 0 before the first step, as advantages of a group sum to about 0. It is no measure of quality.',
  },
  logprob: {
    name: 'Log-probability',
    unit: 'nats',
    means: 'The logarithm of the chance that the policy gives a token after all that stands before it.',
    look: '0 is certain, −0.7 one in two, −4.6 one in a hundred.',
  },
  gradientNorm: {
    name: 'Gradient norm',
    unit: 'loss per weight',
    means: 'The length of the gradient: how steep the loss is in a layer’s weights, or in all.',
    look: 'Where it is long, this batch has most to say. Above the bound the whole gradient is shortened.',
  },
  gradientScale: {
    name: 'Gradient scale',
    unit: 'times',
    means: 'What every part of the gradient is multiplied by, so that its norm keeps to the bound.',
    look: '1: it was within the bound and went in as it was.',
  },
  change: {
    name: 'Size of the update',
    unit: 'weight',
    means: 'The length of what AdamW added to a layer’s weights.',
    look: 'In the first steps every weight moves by about the learning rate, whatever its gradient.',
  },
  relativeChange: {
    name: 'Relative size',
    unit: 'of the layer’s own length',
    means: 'The size of the update by the length of the weights that it changed.',
    look: 'Around a thousandth is usual for fine-tuning; a hundredth is rough.',
  },
  probability: {
    name: 'Probability',
    unit: '%',
    means: 'The chance of a token after exactly this prefix, under the policy before and after the update.',
    look: 'Both are computed by the same full forward pass, so all of the difference is the update’s.',
  },
  rolloutChange: {
    name: 'Change of the whole rollout',
    unit: 'nats',
    means: 'How much likelier all that a rollout wrote has become: the sum over its tokens.',
    look: 'It should have the sign of the advantage. Where it has not, other rollouts pulled harder.',
  },
  chance: {
    name: 'Chance of a token',
    unit: '%',
    means: 'How likely the policy found this token after all that stands before it, when it was drawn.',
    look: 'A rollout parts from another where both found more than one token likely.',
  },
  temperature: {
    name: 'Temperature',
    unit: 'times',
    means: 'What the logits are divided by before a token is drawn. Greedy always takes the likeliest.',
    look: 'At 1 the policy draws as it was trained to; lower, it repeats itself more and errs less.',
  },
  seed: {
    name: 'Seed',
    means: 'The number that all dice follow: the same seed and recipe draw the same rollouts.',
    look: 'Another seed shows how much of a result is luck.',
  },
  surprise: {
    name: 'Surprise',
    unit: 'nats',
    means: 'Colours each token by how unlikely it was: minus the logarithm of its chance.',
    look: 'The darkest tokens are where another draw would have gone elsewhere.',
  },
  similarity: {
    name: 'Similarity',
    unit: 'cosine, −1 to 1',
    means: 'How near a passage’s vector lies to the query’s.',
    look: 'The nearest passage comes back, right or wrong.',
  },
} as const satisfies Record<string, TermText>;

export type TermName = keyof typeof terms;
