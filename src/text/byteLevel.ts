/** Byte-level alphabet and pre-tokenisation of GPT-2, as in Hugging Face's `ByteLevel`. */

/** Cuts text into words; a word keeps the one space before it. Source: GPT-2's encoder.py. */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Words of a text; joined they are the text. */
export function splitWords(text: string): readonly string[] {
  return text.match(WORDS) ?? [];
}

function makeAlphabet(): string[] {
  const alphabet: string[] = [];
  let extra = 0;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    alphabet.push(String.fromCharCode(printable ? byte : 256 + extra++));
  }
  return alphabet;
}

/** The visible character that stands for each byte in a vocabulary (`Ġ` for the space). */
export const BYTE_CHARACTERS: readonly string[] = makeAlphabet();

const BYTE_OF_CHARACTER = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8 bytes of a text. */
export function toBytes(text: string): Uint8Array {
  return utf8.encode(text);
}

/** Bytes that a vocabulary entry stands for, or undefined if it is not written in the byte alphabet. */
export function bytesOfToken(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(token.charAt(i));
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

/**
 * Length of the unit that starts at `start`: a whole UTF-8 character, or the longest broken beginning of one,
 * which a decoder replaces by one U+FFFD (WHATWG Encoding, §"UTF-8 decoder").
 */
function unitLength(bytes: Uint8Array, start: number): number {
  const lead = bytes[start] ?? 0;
  const needed =
    lead >= 0xc2 && lead <= 0xdf
      ? 1
      : lead >= 0xe0 && lead <= 0xef
        ? 2
        : lead >= 0xf0 && lead <= 0xf4
          ? 3
          : 0;
  let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  let length = 1;
  while (length <= needed) {
    const next = bytes[start + length];
    if (next === undefined || next < low || next > high) break;
    low = 0x80;
    high = 0xbf;
    length++;
  }
  return length;
}

/**
 * Text of each of several byte strings, so that joined they are the text of all the bytes in a row. A character
 * whose bytes lie in several of them goes to the one with its first byte; the others may be ''.
 */
export function textsOfBytes(parts: readonly Uint8Array[]): string[] {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(total);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  const texts: string[] = [];
  let partEnd = 0;
  let position = 0;
  for (const part of parts) {
    partEnd += part.length;
    const from = position;
    while (position < partEnd) position += unitLength(bytes, position);
    texts.push(from === position ? '' : fromUtf8.decode(bytes.subarray(from, position)));
  }
  return texts;
}
