import type { TraceSearch } from '../../traces/trace.ts';

/** From a rollout to the index, and back. */
const flightMilliseconds = 700;
/** How long a chip rests at the index, so that the passage's name can be read. */
const restMilliseconds = 500;
/** Letters that a chip shows. */
const most = 34;
/** Chips in the air at once; more would hide the page. */
const inTheAir = 4;

/**
 * A search as a chip that flies from its rollout to the index with the query, and comes back with the passage that was
 * found. Only drawn, and not at all where motion is not wanted; the list of the index says the same.
 */
export function flyQuery(root: HTMLElement, rollout: number, search: TraceSearch, chipClass: string): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  if (document.querySelectorAll('[data-flying]').length >= inTheAir) return;
  const from = root.querySelector(`[data-rollout="${rollout}"]`)?.getBoundingClientRect();
  const to = root.querySelector('[data-index]')?.getBoundingClientRect();
  if (from === undefined || to === undefined) return;
  const chip = document.createElement('span');
  chip.setAttribute('aria-hidden', 'true');
  chip.dataset['flying'] = 'query';
  chip.className = chipClass;
  chip.textContent = short(search.query);
  document.body.append(chip);
  const at = (x: number, y: number): Keyframe => ({
    transform: `translate(${Math.max(4, x)}px, ${Math.min(Math.max(y, 8), innerHeight - 40)}px)`,
  });
  const start = at(from.left + 60, from.bottom - 30);
  const index = at(to.left + 16, to.top - 14);
  const timing = { duration: flightMilliseconds, easing: 'ease-in-out', fill: 'forwards' } as const;
  const out = chip.animate([start, index], timing);
  out.onfinish = () => {
    chip.dataset['flying'] = 'passage';
    chip.textContent = short(search.passages[0]?.title ?? 'nothing found');
    const back = chip.animate([index, start], { ...timing, delay: restMilliseconds });
    back.onfinish = () => chip.remove();
    back.oncancel = () => chip.remove();
  };
  out.oncancel = () => chip.remove();
}

const short = (text: string): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
