import { Popover } from 'radix-ui';
import styles from './Term.module.css';

/** Why a run is not on WebGPU, for those who want to know; all works without. */
export function BackendWhy({ reason }: { readonly reason: string }) {
  return (
    <Popover.Root>
      <Popover.Trigger className={styles.term}>why not WebGPU?</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.card}
          sideOffset={4}
          collisionPadding={12}
          aria-label="Why not WebGPU"
        >
          <p>{reason}</p>
          <p className={styles.look}>All that this page does is done on WebAssembly as well, only slower.</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
