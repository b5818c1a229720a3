import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { saveFile } from '../saveFile.ts';
import type { Drawn } from './Figure.tsx';
import { csvOf, type Table } from './table.ts';
import styles from './Figure.module.css';

interface SaveMenuProps {
  readonly name: string;
  readonly table: () => Table;
  readonly drawn: Drawn;
  /** Called when it opens again: a figure can have been drawn anew. */
  readonly onOpen: () => void;
}

/** The ways to save a figure; open from the first. */
export default function SaveMenu({ name, table, drawn: { svg, canvases }, onOpen }: SaveMenuProps) {
  const [open, setOpen] = useState(true);
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
    <DropdownMenu.Root
      open={open}
      onOpenChange={(now) => {
        setOpen(now);
        if (now) onOpen();
      }}
    >
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
