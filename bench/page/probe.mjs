// Runs in the page before anything of it: how long each click and key press takes until the frame that shows what came
// of it. By the Event Timing API, whose durations begin with the input itself and end with the next paint; those below
// 16 ms it does not tell, so the same is also measured by hand, from the event's own time until after the next frame.

/** @type {{ kind: string, hand: number, told: number, at: number }[]} */
const presses = [];
let kind;
globalThis.pageProbe = {
  presses,
  /** What the presses from here on are counted as; undefined: not at all. */
  name(next) {
    kind = next;
  },
};

const pressed = (event) => {
  if (kind === undefined || !event.isTrusted) return;
  const press = { kind, at: event.timeStamp, hand: NaN, told: 0 };
  presses.push(press);
  requestAnimationFrame(() => {
    // The task after a frame's callbacks comes once that frame is drawn.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (press.hand = performance.now() - press.at);
    port2.postMessage(0);
  });
};
for (const type of ['click', 'keydown']) addEventListener(type, pressed, { capture: true });

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    // A press of the pointer is three events, and counts as the slowest of them.
    const press = presses.findLast(
      ({ at }) =>
        at >= entry.startTime - 1 && at <= entry.startTime + (entry.name === 'pointerdown' ? 400 : 1),
    );
    if (press !== undefined) press.told = Math.max(press.told, entry.duration);
  }
}).observe({ type: 'event', durationThreshold: 16 });
