/** Cutting prose into passages of a length that a small policy can read. */

export interface SplitLimits {
  /** Most words (between white space) of a passage. */
  readonly words: number;
  /** Most characters, for scripts that write no spaces. */
  readonly characters: number;
}

/** A full stop that ends no sentence: after an initial or a common abbreviation. */
const ABBREVIATION =
  /(?:^|[\s(])(?:\p{Lu}|(?:\p{Lu}\.)+\p{Lu}|Mr|Mrs|Ms|Dr|Prof|St|Mt|Jr|Sr|No|vs|etc|e\.g|i\.e|ca|approx)\.$/u;
/** Enough characters to hold any of them with what stands before. */
const ABBREVIATION_LENGTH = 12;
const SENTENCE_END = /[.!?…]["'”’)\]]*(?=\s+["'“‘(]?[\p{Lu}\p{Lo}\p{N}])\s+|[。！？]["”’」』）]*/gu;

/** Words of a text whose white space is single spaces. */
const countWords = (text: string): number => text.split(' ').length;

/** Sentences of a text, trimmed. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  let start = 0;
  for (const match of text.matchAll(SENTENCE_END)) {
    const end = match.index + match[0].length;
    const sentence = text.slice(start, end).trim();
    if (ABBREVIATION.test(sentence.slice(-ABBREVIATION_LENGTH))) continue;
    sentences.push(sentence);
    start = end;
  }
  const rest = text.slice(start).trim();
  if (rest !== '') sentences.push(rest);
  return sentences;
}

/** A sentence that is itself too long, cut between words, or inside one where there is no space to cut at. */
function cutSentence(sentence: string, { words, characters }: SplitLimits): string[] {
  const pieces: string[] = [];
  let piece: string[] = [];
  let length = 0;
  const flush = (): void => {
    if (piece.length > 0) pieces.push(piece.join(' '));
    piece = [];
    length = 0;
  };
  for (const word of sentence.split(/\s+/)) {
    // By code points, so that no character is torn.
    const points = [...word];
    for (let at = 0; at < points.length; at += characters) {
      const part = points.slice(at, at + characters).join('');
      if (piece.length >= words || (piece.length > 0 && length + 1 + part.length > characters)) flush();
      length += part.length + (piece.length > 0 ? 1 : 0);
      piece.push(part);
    }
  }
  flush();
  return pieces;
}

/** Cuts a paragraph at sentence ends into pieces within the limits; white space becomes single spaces. */
export function splitParagraph(paragraph: string, limits: SplitLimits): string[] {
  const text = paragraph.replace(/\s+/g, ' ').trim();
  if (text === '') return [];
  const fits = (characters: number, words: number): boolean =>
    characters <= limits.characters && words <= limits.words;
  if (fits(text.length, countWords(text))) return [text];
  const pieces: string[] = [];
  let piece = '';
  let words = 0;
  for (const sentence of sentencesOf(text)) {
    const whole = fits(sentence.length, countWords(sentence));
    for (const part of whole ? [sentence] : cutSentence(sentence, limits)) {
      const more = countWords(part);
      if (piece !== '' && !fits(piece.length + 1 + part.length, words + more)) {
        pieces.push(piece);
        piece = '';
        words = 0;
      }
      piece = piece === '' ? part : `${piece} ${part}`;
      words += more;
    }
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}
