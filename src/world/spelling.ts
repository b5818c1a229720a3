import { nameWords } from './nameWords.ts';
import type { Random } from './random.ts';

/** Letters that follow each two letters in the words of one manner; '' is the end. `^` stands before a word. */
type Followers = ReadonlyMap<string, readonly string[]>;

function followersOf(words: readonly string[]): Followers {
  const followers = new Map<string, string[]>();
  for (const word of words) {
    const letters = ['^', '^', ...word.toLowerCase(), ''];
    for (let i = 2; i < letters.length; i++) {
      const before = `${letters[i - 2] ?? ''}${letters[i - 1] ?? ''}`;
      const list = followers.get(before);
      if (list) list.push(letters[i] ?? '');
      else followers.set(before, [letters[i] ?? '']);
    }
  }
  return followers;
}

const manners = nameWords.map(followersOf);
const MOST_LETTERS = 12;

/**
 * A word that is spelled like those of one manner: a chain in which each letter is drawn from those that follow the
 * two before it in real words. Lower case; may be as short as one letter.
 */
export function spellWord(random: Random): string {
  const followers = random.pick(manners);
  const letters = ['^', '^'];
  while (letters.length < MOST_LETTERS + 2) {
    const next = random.pick(followers.get(`${letters.at(-2) ?? ''}${letters.at(-1) ?? ''}`) ?? ['']);
    if (next === '') break;
    letters.push(next);
  }
  return letters.slice(2).join('');
}
