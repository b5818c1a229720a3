import { Link, useLocation } from 'wouter';
import { actions } from '../actions/registry.ts';
import { compact, megabytes } from '../components/format.ts';
import { useApp } from '../store/store.ts';
import { ThemeToggle } from './ThemeToggle.tsx';
import styles from './Rail.module.css';

const views = [
  { path: '/', label: 'Play' },
  { path: '/train', label: 'Train' },
] as const;

/** The views, the theme, and what is loaded: at the left on a wide screen, at the bottom of a phone. */
export function Rail() {
  const [path] = useLocation();
  return (
    <header className={styles.rail}>
      <p className={styles.name}>
        Re<b>Search</b> Playground
      </p>
      <nav aria-label="Views" className={styles.views}>
        {views.map((view) => (
          <Link
            key={view.path}
            href={view.path}
            className={path === view.path ? styles.on : ''}
            aria-current={path === view.path ? 'page' : undefined}
          >
            {view.label}
          </Link>
        ))}
      </nav>
      <div className={styles.foot}>
        <LoadedWords />
        <p className={styles.private}>Nothing leaves this tab.</p>
        <ThemeToggle />
        <button
          type="button"
          className={styles.keys}
          onClick={actions.shortcuts.perform}
          aria-keyshortcuts="?"
        >
          Keys <kbd aria-hidden="true">?</kbd>
        </button>
      </div>
    </header>
  );
}

function LoadedWords() {
  const info = useApp((state) => state.lab.info);
  const run = useApp((state) => state.lab.run);
  if (run === 'loading') return <p className={styles.private}>Loading the engine…</p>;
  if (info === undefined) return <p className={styles.private}>No engine loaded yet.</p>;
  return (
    <p className={styles.private}>
      {compact(info.parameters)} parameters
      <br />
      {info.backendLabel}
      <br />
      {megabytes(info.memoryBytes)}
    </p>
  );
}
