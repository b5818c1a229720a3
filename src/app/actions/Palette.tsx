import { Dialog } from 'radix-ui';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import dialog from '../components/Dialog.module.css';
import { focusReturn } from '../components/focusReturn.ts';
import { useApp } from '../store/store.ts';
import { findActions } from './findActions.ts';
import { keyName } from './keyNames.ts';
import type { Action } from './action.ts';
import { actionList, isPossible } from './registry.ts';
import styles from './Palette.module.css';

/** Everything that can be done here and now, by typing a part of its name. */
export default function Palette() {
  const setView = useApp((state) => state.setView);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  // Taken as it opens: what can be done does not change under the typing hand.
  const [possible] = useState(possibleNow);
  const found = findActions(possible, typed);
  const chosen = Math.min(at, found.length - 1);
  const id = useId();
  const list = useRef<HTMLUListElement>(null);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen, typed]);

  const close = (): void => setView({ dialog: 'none' });
  const perform = (action: Action | undefined): void => {
    if (action === undefined) return;
    close();
    action.perform();
  };
  const press = (event: KeyboardEvent): void => {
    const last = found.length - 1;
    const to = {
      ArrowDown: chosen >= last ? 0 : chosen + 1,
      ArrowUp: chosen <= 0 ? last : chosen - 1,
      PageDown: Math.min(last, chosen + 8),
      PageUp: Math.max(0, chosen - 8),
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setAt(to);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      perform(found[chosen]);
    }
  };

  return (
    <Dialog.Root open onOpenChange={close}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content {...focusReturn} className={styles.palette} aria-describedby={undefined}>
          <Dialog.Title className="visuallyHidden">Commands</Dialog.Title>
          <input
            className={styles.input}
            role="combobox"
            aria-label="Find a command"
            aria-expanded
            aria-controls={`${id}list`}
            aria-activedescendant={found.length === 0 ? undefined : `${id}${chosen}`}
            aria-autocomplete="list"
            autoComplete="off"
            spellCheck={false}
            placeholder="Find a command…"
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setAt(0);
            }}
            onKeyDown={press}
          />
          <ul ref={list} id={`${id}list`} role="listbox" aria-label="Commands" className={styles.list}>
            {found.map((action, i) => (
              <li
                key={action.id}
                id={`${id}${i}`}
                role="option"
                aria-selected={i === chosen}
                className={styles.option}
                onPointerMove={() => setAt(i)}
                onClick={() => perform(action)}
              >
                <span className={styles.label}>{action.label}</span>
                <span className={styles.about}>
                  {action.about ?? (action.where === 'everywhere' ? '' : action.where)}
                </span>
                {keyName(action) !== undefined && <kbd>{keyName(action)}</kbd>}
              </li>
            ))}
          </ul>
          <p className={styles.none} role="status">
            {found.length === 0 ? 'No command is called that.' : ''}
          </p>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What can be done here before what can be done everywhere. */
function possibleNow(): readonly Action[] {
  const all = actionList.filter((action) => action.id !== 'palette' && isPossible(action));
  const isHere = ({ where }: Action): boolean => where !== 'everywhere';
  return [...all.filter(isHere), ...all.filter((action) => !isHere(action))];
}
