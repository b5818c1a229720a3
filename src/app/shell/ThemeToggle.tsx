import { actions } from '../actions/registry.ts';
import { useShownTheme } from '../theme/useShownTheme.ts';
import styles from './ThemeToggle.module.css';

/** Says what a press gives. */
export function ThemeToggle() {
  const shown = useShownTheme();
  return (
    <button type="button" className={styles.toggle} onClick={actions.theme.perform} aria-keyshortcuts="t">
      <i aria-hidden="true" />
      {shown === 'dark' ? 'Light' : 'Dark'}
    </button>
  );
}
