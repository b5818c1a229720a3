const milliseconds = 520;

/**
 * A dot that goes from a rollout to the index and back: a query leaves, a passage comes. Only drawn, and not at all
 * where motion is not wanted.
 */
export function flyQuery(root: HTMLElement, rollout: number | undefined): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const from = root.querySelector(`[data-rollout="${rollout ?? 0}"]`)?.getBoundingClientRect();
  const to = root.querySelector('[data-index]')?.getBoundingClientRect();
  if (from === undefined || to === undefined) return;
  const dot = document.createElement('i');
  dot.setAttribute('aria-hidden', 'true');
  Object.assign(dot.style, {
    position: 'fixed',
    zIndex: '8',
    left: '0',
    top: '0',
    width: '26px',
    height: '9px',
    borderRadius: '2px',
    background: 'var(--search)',
    pointerEvents: 'none',
  });
  document.body.append(dot);
  const at = (x: number, y: number, background: string): Keyframe => ({
    transform: `translate(${x}px, ${y}px)`,
    background,
  });
  const start = [from.right - 40, Math.min(from.bottom - 16, innerHeight - 20)] as const;
  const index = [to.left + 12, Math.min(Math.max(to.top + 20, 8), innerHeight - 20)] as const;
  const flight = dot.animate(
    [
      at(...start, 'var(--search)'),
      at(...index, 'var(--search)'),
      at(...index, 'var(--result)'),
      at(...start, 'var(--result)'),
    ],
    { duration: 2 * milliseconds, easing: 'ease-in-out' },
  );
  flight.onfinish = () => dot.remove();
  flight.oncancel = () => dot.remove();
}
