/**
 * Text normalisation of the paper's scorer (re_search.py, after SQuAD's), with Python's meaning of white space,
 * punctuation and word boundary, so that scores agree on any script.
 */

/** What Python's `str.strip` and `str.split` take for white space. */
const WHITE_SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const SPACES = new RegExp(`[${WHITE_SPACE}]+`, 'u');
const OUTER_SPACE = new RegExp(`^[${WHITE_SPACE}]+|[${WHITE_SPACE}]+$`, 'gu');

/** `string.punctuation`: ASCII only. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/** `\b(a|an|the)\b` where letters and digits of any script are word characters. */
const ARTICLES = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/** `str.strip()`. */
export function strip(text: string): string {
  return text.replace(OUTER_SPACE, '');
}

/** `str.split()`: words without white space, none empty. */
export function words(text: string): string[] {
  return text.split(SPACES).filter((word) => word !== '');
}

/** Lower case, without ASCII punctuation and English articles, single spaces. */
export function normalizeAnswer(text: string): string {
  return words(text.toLowerCase().replace(PUNCTUATION, '').replace(ARTICLES, ' ')).join(' ');
}
