/**
 * Asks the engine's threads for the processor from each press until what came of it is drawn: on two cores two threads
 * that compute leave none to the page. The engine's end is `src/engine/wasm/giveWay.ts`.
 */

/** Starts to listen. Undefined where memory cannot be shared: there the engine has one thread, and a core stays free. */
export function startGivingWay(): Int32Array | undefined {
  if (!crossOriginIsolated) return undefined;
  const word = new Int32Array(new SharedArrayBuffer(4));
  let last = 0;
  const press = (): void => {
    last = (last % 0x7ffffffe) + 1;
    const mine = last;
    Atomics.store(word, 0, mine);
    // A frame is painted once the next one begins.
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        if (Atomics.compareExchange(word, 0, mine, 0) === mine) Atomics.notify(word, 0);
      });
    });
  };
  for (const type of ['pointerdown', 'click', 'keydown']) addEventListener(type, press, { capture: true });
  return word;
}
