/** The policies that come with the page: folders under public/models/. */
export const shippedModels = [
  {
    model: 'nano',
    about: 'the study’s policy: it guesses more often than it searches',
  },
  {
    model: 'nano-reading',
    about: 'the same without the last stage of its prior, the habit of guessing',
  },
] as const;
