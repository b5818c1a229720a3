import { lazy, Suspense, useRef, useState, type ReactNode } from 'react';
import type { Table } from './table.ts';
import styles from './Figure.module.css';

// The menu comes with its first opening: the first paint does not wait for it.
const SaveMenu = lazy(() => import('./SaveMenu.tsx'));

interface FigureProps {
  /** What the saved files are called, without their ending. */
  readonly name: string;
  /** The numbers that it shows. */
  readonly table: () => Table;
  readonly caption: ReactNode;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** What a figure is drawn with. */
export interface Drawn {
  readonly svg: SVGSVGElement | undefined;
  readonly canvases: readonly HTMLCanvasElement[];
}

/**
 * A figure with its caption and a way to take it along: its numbers as CSV always, and as a picture where it is drawn
 * (SVG and PNG of a drawing, PNG of a canvas).
 */
export function Figure({ name, table, caption, className, children }: FigureProps) {
  const box = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Drawn>();
  const look = (): void => setDrawn(drawnIn(box.current));
  const button = (
    <button
      type="button"
      className={styles.save}
      aria-label={`Save ${name}`}
      aria-haspopup="menu"
      onClick={look}
    >
      Save
    </button>
  );
  return (
    <figure className={`${styles.figure} ${className ?? ''}`}>
      <figcaption className={styles.head}>
        {drawn === undefined ? (
          button
        ) : (
          <Suspense fallback={button}>
            <SaveMenu name={name} table={table} drawn={drawn} onOpen={look} />
          </Suspense>
        )}
        {caption}
      </figcaption>
      <div ref={box} className={styles.body}>
        {children}
      </div>
    </figure>
  );
}

function drawnIn(box: HTMLElement | null): Drawn {
  const svg = box?.querySelector<SVGSVGElement>('svg') ?? undefined;
  return { svg, canvases: [...(box?.querySelectorAll('canvas') ?? [])] };
}
