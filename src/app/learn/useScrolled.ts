import { useEffect, useRef, useState, type RefObject } from 'react';

/** Heights of an element's top in the window, in parts of it, between which it plays. */
const from = 0.72;
const to = 0.22;

/**
 * How far an element has been scrolled through the window, 0 to 1: a chapter plays by it, and back. Always 1 where motion
 * is not wanted. At the end of the page all has been played.
 */
export function useScrolled<T extends HTMLElement>(): readonly [RefObject<T | null>, number] {
  const element = useRef<T>(null);
  const [scrolled, setScrolled] = useState(() =>
    matchMedia('(prefers-reduced-motion: reduce)').matches ? 1 : 0,
  );
  useEffect(() => {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const top = element.current?.getBoundingClientRect().top;
      if (top === undefined) return;
      const { scrollHeight } = document.documentElement;
      const atEnd = scrollY + innerHeight >= scrollHeight - 2;
      const part = (from - top / innerHeight) / (from - to);
      setScrolled(atEnd ? 1 : Math.round(Math.min(Math.max(part, 0), 1) * 200) / 200);
    };
    const later = (): void => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    later();
    addEventListener('scroll', later, { passive: true });
    addEventListener('resize', later);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', later);
      removeEventListener('resize', later);
    };
  }, []);
  return [element, scrolled];
}
