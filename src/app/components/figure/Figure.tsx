import { DropdownMenu } from 'radix-ui';
import { useRef, useState, type ReactNode } from 'react';
import { saveFile } from '../saveFile.ts';
import { csvOf, type Table } from './table.ts';
import styles from './Figure.module.css';

interface FigureProps {
  /** What the saved files are called, without their ending. */
  readonly name: string;
  /** The numbers that it shows. */
  readonly table: () => Table;
  readonly caption: ReactNode;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/**
 * A figure with its caption and a way to take it along: its numbers as CSV always, and as a picture where it is drawn
 * (SVG and PNG of a drawing, PNG of a canvas).
 */
export function Figure({ name, table, caption, className, children }: FigureProps) {
  const box = useRef<HTMLDivElement>(null);
  return (
    <figure className={`${styles.figure} ${className ?? ''}`}>
      <figcaption className={styles.head}>
        <div className={styles.caption}>{caption}</div>
        <SaveMenu name={name} table={table} drawn={() => drawnIn(box.current)} />
      </figcaption>
      <div ref={box} className={styles.body}>
        {children}
      </div>
    </figure>
  );
}

interface Drawn {
  readonly svg: SVGSVGElement | undefined;
  readonly canvases: readonly HTMLCanvasElement[];
}

function drawnIn(box: HTMLElement | null): Drawn {
  const svg = box?.querySelector<SVGSVGElement>('svg') ?? undefined;
  return { svg, canvases: [...(box?.querySelectorAll('canvas') ?? [])] };
}

interface SaveMenuProps {
  readonly name: string;
  readonly table: () => Table;
  readonly drawn: () => Drawn;
}

function SaveMenu({ name, table, drawn }: SaveMenuProps) {
  const [found, setFound] = useState<Drawn>({ svg: undefined, canvases: [] });
  const { svg, canvases } = found;
  const savePicture = async (kind: 'svg' | 'png'): Promise<void> => {
    const { pngOfCanvases, pngOfSvg, svgText } = await import('./picture.ts');
    if (kind === 'svg') {
      if (svg !== undefined) saveFile(`${name}.svg`, svgText(svg), 'image/svg+xml');
      return;
    }
    const blob = svg === undefined ? await pngOfCanvases(canvases) : await pngOfSvg(svg);
    saveFile(`${name}.png`, blob, 'image/png');
  };
  return (
    <DropdownMenu.Root onOpenChange={(open) => open && setFound(drawn())}>
      <DropdownMenu.Trigger className={styles.save} aria-label={`Save ${name}`}>
        Save
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles.menu} align="end" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.Item
            className={styles.item}
            onSelect={() => saveFile(`${name}.csv`, csvOf(table()), 'text/csv')}
          >
            Numbers <small>CSV</small>
          </DropdownMenu.Item>
          {svg !== undefined && (
            <DropdownMenu.Item className={styles.item} onSelect={() => void savePicture('svg')}>
              Drawing <small>SVG</small>
            </DropdownMenu.Item>
          )}
          {(svg !== undefined || canvases.length > 0) && (
            <DropdownMenu.Item className={styles.item} onSelect={() => void savePicture('png')}>
              Picture <small>PNG</small>
            </DropdownMenu.Item>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
