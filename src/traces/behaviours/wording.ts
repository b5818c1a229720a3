/** How detectors compare texts: by words, without case, punctuation and apostrophes. */

/** Lower case, letters and digits only, single spaces; apostrophes vanish. */
export function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/['’]/gu, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}

/** The words of `plain`; none for a text without letters and digits. */
export function plainWords(text: string): string[] {
  const words = plain(text);
  return words === '' ? [] : words.split(' ');
}

/** Whether `part` stands in `text` as whole words in a row. An empty part stands nowhere. */
export function standsIn(part: string, text: string): boolean {
  const words = plain(part);
  return words !== '' && ` ${plain(text)} `.includes(` ${words} `);
}

/** Equal but for case, punctuation and English articles; an empty text equals none. */
export function sameWords(a: string, b: string): boolean {
  const bare = (text: string): string =>
    plainWords(text)
      .filter((word) => !articles.has(word))
      .join(' ');
  const words = bare(a);
  return words !== '' && words === bare(b);
}

const articles = new Set(['a', 'an', 'the']);

/** Words that name nothing: articles, prepositions, pronouns, and the like. */
export const functionWords: ReadonlySet<string> = new Set(
  (
    'a an the of in on at to for from by with as and or but not is are was were be been it its he she his her ' +
    'they their them this that these those there here has have had do does did will would can could'
  ).split(' '),
);
