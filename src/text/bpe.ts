import { BYTE_CHARACTERS, toBytes } from './byteLevel.ts';

/** Most words kept with their ids; the cache starts afresh when full, so that memory stays bounded. */
const CACHE_WORDS = 1 << 17;

export interface BpeOptions {
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs in the order they were learned: the earlier one is merged first. */
  readonly merges: readonly (readonly [string, string])[];
  /** Ids that no merge may make: added tokens, which only their own text outside plain encoding gives. */
  readonly reserved: ReadonlySet<number>;
  /** A whole word that is in the vocabulary is that token, whatever the merges say (Llama 3). */
  readonly ignoreMerges: boolean;
}

/** Byte-level byte-pair encoding of single words, with a word → ids cache. */
export class Bpe {
  /** Bytes that the vocabulary lacks have none, and make no token, as in Hugging Face's tokenizers. */
  private readonly byteIds: readonly (number | undefined)[];
  private readonly ranks = new Map<number, number>();
  private readonly results: number[] = [];
  private readonly whole: ReadonlyMap<string, number> | undefined;
  private readonly stride: number;
  private readonly cache = new Map<string, readonly number[]>();

  constructor({ vocabulary, merges, reserved, ignoreMerges }: BpeOptions) {
    if (ignoreMerges) this.whole = new Map([...vocabulary].filter(([, id]) => !reserved.has(id)));
    let largest = 0;
    for (const id of vocabulary.values()) largest = Math.max(largest, id);
    this.stride = largest + 1;
    this.byteIds = BYTE_CHARACTERS.map((character, byte) => {
      const id = vocabulary.get(character);
      // SmolLM2's vocabulary lacks some control characters and rare beginnings of UTF-8.
      if (id === undefined && byte >= 0x20 && byte < 0x7f) {
        throw new Error(
          `tokenizer.json: model.vocab lacks "${character}" (byte ${byte}). A byte-level BPE needs all characters of ASCII.`,
        );
      }
      return id;
    });
    for (const [index, [left, right]] of merges.entries()) {
      const a = vocabulary.get(left);
      const b = vocabulary.get(right);
      const merged = vocabulary.get(left + right);
      if (a === undefined || b === undefined || merged === undefined) {
        throw new Error(
          `tokenizer.json: model.merges[${index}] "${left} ${right}" uses a token that model.vocab lacks. Use the vocabulary and merges of one training.`,
        );
      }
      const key = a * this.stride + b;
      if (!reserved.has(merged) && !this.ranks.has(key)) {
        this.ranks.set(key, this.results.length);
        this.results.push(merged);
      }
    }
  }

  /** Ids of one word (as cut by the pre-tokeniser, in plain text). */
  encodeWord(word: string): readonly number[] {
    const known = this.cache.get(word);
    if (known !== undefined) return known;
    const ids = this.merge(toBytes(word));
    if (this.cache.size >= CACHE_WORDS) this.cache.clear();
    this.cache.set(word, ids);
    return ids;
  }

  private merge(bytes: Uint8Array): readonly number[] {
    if (this.whole !== undefined) {
      let mapped = '';
      for (const byte of bytes) mapped += BYTE_CHARACTERS[byte] ?? '';
      const id = this.whole.get(mapped);
      if (id !== undefined) return [id];
    }
    const ids = Array.from(bytes, (byte) => this.byteIds[byte]).filter((id) => id !== undefined);
    while (ids.length > 1) {
      let best = Infinity;
      for (let i = 0; i + 1 < ids.length; i++) {
        const rank = this.ranks.get((ids[i] ?? 0) * this.stride + (ids[i + 1] ?? 0));
        if (rank !== undefined && rank < best) best = rank;
      }
      const merged = this.results[best];
      if (merged === undefined) break;
      this.mergeAll(ids, best, merged);
    }
    return ids;
  }

  /** Replaces every occurrence of the pair of this rank, left to right, in place. */
  private mergeAll(ids: number[], rank: number, merged: number): void {
    let write = 0;
    for (let read = 0; read < ids.length; read++) {
      const id = ids[read] ?? 0;
      const next = ids[read + 1];
      if (next !== undefined && this.ranks.get(id * this.stride + next) === rank) {
        ids[write++] = merged;
        read++;
      } else {
        ids[write++] = id;
      }
    }
    ids.length = write;
  }
}
