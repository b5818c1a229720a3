/**
 * Lets a page that shares the processor's cores answer its visitor first. The page writes the number of the last press
 * into a shared word until what came of it is drawn, and 0 then (`src/app/worker/giveWay.ts`); the thread that posts
 * kernels waits meanwhile, before it posts the next one. Nothing is computed otherwise than without.
 */

/** Longest wait for one press, in milliseconds: a page that never draws (a hidden tab) must not end a run. */
const LONGEST = 150;

export class GiveWay {
  readonly #word: Int32Array;
  readonly #longest: number;
  /** The press that was waited for to the end of the patience. */
  #given = 0;

  /** `word`: one number in shared memory. */
  constructor(word: Int32Array, longest = LONGEST) {
    this.#word = word;
    this.#longest = longest;
  }

  /** Returns at once while nobody presses anything. Not for a page's main thread, which may not wait. */
  wait(): void {
    const press = Atomics.load(this.#word, 0);
    if (press === 0 || press === this.#given) return;
    if (Atomics.wait(this.#word, 0, press, this.#longest) === 'timed-out') this.#given = press;
  }
}
