import { Dialog } from 'radix-ui';
import { Button } from '../components/Button.tsx';
import dialog from '../components/Dialog.module.css';
import { focusReturn } from '../components/focusReturn.ts';
import { useApp } from '../store/store.ts';
import { keyName } from './keyNames.ts';
import { actionList } from './registry.ts';
import styles from './ShortcutsDialog.module.css';

const withKey = actionList.filter((action) => action.key !== undefined || action.chord !== undefined);
const places = [...new Set(withKey.map((action) => action.where))];

/** The list of keys, made from the registry. */
export default function ShortcutsDialog() {
  const open = useApp((state) => state.dialog === 'shortcuts');
  const singleKeys = useApp((state) => state.singleKeys);
  const setView = useApp((state) => state.setView);
  return (
    <Dialog.Root open={open} onOpenChange={(now) => setView({ dialog: now ? 'shortcuts' : 'none' })}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content {...focusReturn} className={dialog.content} aria-describedby={undefined}>
          <Dialog.Title className={dialog.title}>Keys</Dialog.Title>
          <div className={styles.places}>
            {places.map((place) => (
              <section key={place}>
                <h3>{place === 'everywhere' ? 'Everywhere' : place}</h3>
                <dl className={styles.keys}>
                  {withKey
                    .filter((action) => action.where === place)
                    .map((action) => (
                      <div key={action.id}>
                        <dt>
                          <kbd>{keyName(action)}</kbd>
                        </dt>
                        <dd>{action.label}</dd>
                      </div>
                    ))}
                </dl>
              </section>
            ))}
            <section>
              <h3>In a rollout</h3>
              <dl className={styles.keys}>
                <div>
                  <dt>
                    <kbd>Tab</kbd>
                  </dt>
                  <dd>to its tokens; then ← and → from token to token</dd>
                </div>
              </dl>
            </section>
          </div>
          <div className={dialog.foot}>
            <label>
              <input
                type="checkbox"
                checked={singleKeys}
                onChange={(event) => setView({ singleKeys: event.target.checked })}
              />{' '}
              Single-letter keys work
            </label>
            <Dialog.Close asChild>
              <Button>Close</Button>
            </Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
