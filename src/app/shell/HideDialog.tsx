import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { Button } from '../components/Button.tsx';
import dialog from '../components/Dialog.module.css';
import { focusReturn } from '../components/focusReturn.ts';
import { shareAddress } from '../routing/linkSync.ts';
import { parts, type PartName } from '../store/parts.ts';
import { useApp } from '../store/store.ts';
import styles from './HideDialog.module.css';

/** For teachers: what a class should not see yet. It is in the link, and can be brought back here. */
export default function HideDialog() {
  const hidden = useApp((state) => state.hidden);
  const setView = useApp((state) => state.setView);
  const [copied, setCopied] = useState(false);
  const turn = (name: PartName, shown: boolean): void => {
    setCopied(false);
    setView({ hidden: shown ? hidden.filter((other) => other !== name) : [...hidden, name] });
  };
  return (
    <Dialog.Root open onOpenChange={() => setView({ dialog: 'none' })}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content {...focusReturn} className={dialog.content}>
          <Dialog.Title className={dialog.title}>Show and hide</Dialog.Title>
          <Dialog.Description className={styles.about}>
            The link of this page hides what is not ticked, for whoever opens it. This list brings it back.
          </Dialog.Description>
          <ul className={styles.parts}>
            {parts.map(({ name, label }) => (
              <li key={name}>
                <label>
                  <input
                    type="checkbox"
                    checked={!hidden.includes(name)}
                    onChange={(event) => turn(name, event.target.checked)}
                  />
                  {label}
                </label>
              </li>
            ))}
          </ul>
          <div className={dialog.foot}>
            <Button look="quiet" disabled={hidden.length === 0} onClick={() => setView({ hidden: [] })}>
              Show all
            </Button>
            <Button
              onClick={() => {
                void navigator.clipboard.writeText(shareAddress()).then(() => setCopied(true));
              }}
            >
              {copied ? 'Link copied' : 'Copy link'}
            </Button>
            <Dialog.Close asChild>
              <Button look="primary">Done</Button>
            </Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
