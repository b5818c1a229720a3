import type { Passage } from '../retriever.ts';
import { CHUNK, passagesIn, type KeptPassages } from './keptCorpus.ts';

/** Runs of neighbouring passages are read in one piece. */
interface Run {
  readonly chunk: number;
  /** Rows of the file: the first, and the one behind the last. */
  readonly first: number;
  end: number;
}

/**
 * The passages of a kept corpus by their places in it. In memory is where in its file each begins; they themselves stay
 * on file and are read when they are asked for.
 */
export class PlacedPassages {
  private readonly kept: KeptPassages;
  /** [rows of a chunk + 1] each: the byte where a row begins, and the length of the file. */
  private readonly begins: readonly Uint32Array[];

  private constructor(kept: KeptPassages, begins: readonly Uint32Array[]) {
    this.kept = kept;
    this.begins = begins;
  }

  /**
   * Reads all files once, one at a time.
   * @param seen gets the passages of each, in order
   * @throws naming the file that is missing or is not as it was written
   */
  static async open(
    kept: KeptPassages,
    seen?: (passages: readonly Passage[]) => void,
  ): Promise<PlacedPassages> {
    const begins: Uint32Array[] = [];
    for (let chunk = 0; chunk < kept.chunks; chunk++) {
      const content = await kept.content(chunk);
      const passages = passagesIn(new TextDecoder().decode(content));
      const rows = rowsOf(content);
      const wanted = Math.min(CHUNK, kept.corpus.passages - chunk * CHUNK);
      if (passages.length < wanted || rows.length !== passages.length + 1)
        throw kept.wrong(chunk, 'too short');
      begins.push(rows);
      seen?.(passages);
    }
    return new PlacedPassages(kept, begins);
  }

  get length(): number {
    return this.kept.corpus.passages;
  }

  /** The passages at these places, in their order. @throws naming the file that cannot be read any more */
  async at(places: readonly number[]): Promise<readonly Passage[]> {
    const runs: Run[] = [];
    for (const place of places) {
      if (!Number.isInteger(place) || place < 0 || place >= this.length) {
        throw new RangeError(`There is no passage ${place} among ${this.length}.`);
      }
      const row = place % CHUNK;
      const chunk = (place - row) / CHUNK;
      const last = runs.at(-1);
      if (last?.chunk === chunk && last.end === row) last.end++;
      else runs.push({ chunk, first: row, end: row + 1 });
    }
    return (await Promise.all(runs.map((run) => this.read(run)))).flat();
  }

  private async read({ chunk, first, end }: Run): Promise<readonly Passage[]> {
    const rows = this.begins[chunk];
    const [from, behind] = [rows?.[first], rows?.[end]];
    if (from === undefined || behind === undefined) throw this.kept.wrong(chunk, 'too short');
    // Without what stands behind the last of them: a comma, or the end of the list.
    const part = await this.kept.part(chunk, from, behind - 1);
    let passages: readonly Passage[];
    try {
      passages = passagesIn(`[${new TextDecoder().decode(part)}]`);
    } catch {
      throw this.kept.wrong(chunk, 'damaged');
    }
    if (passages.length !== end - first) throw this.kept.wrong(chunk, 'damaged');
    return passages;
  }
}

const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, 0x5b, 0x5d];

/** Where each row of a list of lists of strings begins, as JSON without white space; behind them the length of all. */
function rowsOf(json: Uint8Array): Uint32Array {
  const begins: number[] = [];
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (quoted) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (byte === CLOSE) depth--;
    else if (byte === OPEN && ++depth === 2) begins.push(i);
  }
  return Uint32Array.from([...begins, json.length]);
}
