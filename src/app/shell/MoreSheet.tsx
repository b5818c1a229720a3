import { Dialog } from 'radix-ui';
import { Link } from 'wouter';
import { actions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import dialog from '../components/Dialog.module.css';
import { focusReturn } from '../components/focusReturn.ts';
import type { View } from '../routing/views.ts';
import { ThemeToggle } from './ThemeToggle.tsx';
import styles from './MoreSheet.module.css';

interface MoreSheetProps {
  readonly views: readonly View[];
  readonly here: View;
  readonly onClose: () => void;
}

/** The rest of the navigation of a phone: every view with what it is for, and the theme. */
export default function MoreSheet({ views, here, onClose }: MoreSheetProps) {
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content {...focusReturn} className={styles.sheet} aria-describedby={undefined}>
          <Dialog.Title className="visuallyHidden">More</Dialog.Title>
          <nav aria-label="All views">
            <ul>
              {views.map((view) => (
                <li key={view.path}>
                  <Link
                    href={view.path}
                    className={styles.view}
                    aria-current={view.path === here.path ? 'page' : undefined}
                    onClick={onClose}
                  >
                    <b>{view.label}</b> {view.about}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <div className={styles.foot}>
            <ThemeToggle />
            <Button
              look="quiet"
              onClick={() => {
                onClose();
                actions.palette.perform();
              }}
            >
              Commands
            </Button>
            <Dialog.Close asChild>
              <Button>Close</Button>
            </Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
