/** The policies that come with the page: folders under public/models/. */
export const shippedModels = [
  {
    model: 'nano',
    about: 'the policy of the study; it guesses more often than it searches',
  },
  {
    model: 'nano-reading',
    about: 'the same before the last stage of its prior, which is the habit of guessing',
  },
] as const;
