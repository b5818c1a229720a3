import { useEffect, useRef, useState, type RefObject } from 'react';

/** It plays from when the question has come up to here, in parts of the window's height... */
const from = 0.45;
/** ...to where it nearly leaves it, in CSS pixels from the top: what it plays in stands beside or below it. */
const to = 20;

/**
 * How far a chapter's question has been scrolled through the window, 0 to 1: the chapter plays by it, and back. Always 1
 * where motion is not wanted. At the end of the page all has been played.
 */
export function useScrolled(): readonly [RefObject<HTMLFieldSetElement | null>, number] {
  const element = useRef<HTMLFieldSetElement>(null);
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
      const begin = from * innerHeight;
      const part = (begin - top) / (begin - to);
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
