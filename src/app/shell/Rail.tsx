import { lazy, Suspense, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { actions } from '../actions/registry.ts';
import { keyName } from '../actions/keyNames.ts';
import { compact, counted, megabytes, percent } from '../components/format.ts';
import { viewAt, views, type View } from '../routing/views.ts';
import { isViewHidden } from '../store/parts.ts';
import { useApp } from '../store/store.ts';
import { ThemeToggle } from './ThemeToggle.tsx';
import styles from './Rail.module.css';

// Of phones only, and when it is opened: the first paint does not wait for it.
const MoreSheet = lazy(() => import('./MoreSheet.tsx'));

/** The views, the theme, and what is loaded: at the left on a wide screen; the main ones at the bottom of a phone. */
export function Rail() {
  const [path] = useLocation();
  const here: View = viewAt(path);
  const [more, setMore] = useState(false);
  const hidden = useApp((state) => state.hidden);
  const shown: readonly View[] = views.filter((view) => !isViewHidden(hidden, view.path));
  return (
    <header className={styles.rail}>
      <p className={styles.name}>
        Re<b>Search</b> Playground
      </p>
      <nav aria-label="Views" className={styles.views}>
        {shown.map((view) => (
          <Link
            key={view.path}
            href={view.path}
            className={`${view.path === here.path ? styles.on : ''} ${view.main === true ? '' : styles.other}`}
            aria-current={view.path === here.path ? 'page' : undefined}
          >
            {view.label}
          </Link>
        ))}
        <button
          type="button"
          className={styles.more}
          data-here={here.main !== true}
          aria-haspopup="dialog"
          onClick={() => setMore(true)}
        >
          {here.main === true ? 'More' : here.label}
        </button>
        {more && (
          <Suspense fallback={null}>
            <MoreSheet views={shown} here={here} onClose={() => setMore(false)} />
          </Suspense>
        )}
      </nav>
      <div className={styles.foot}>
        <LoadedWords />
        <p className={styles.private}>
          Nothing leaves this tab.
          <OfflineWords />
        </p>
        {hidden.length > 0 && (
          <button type="button" className={styles.keys} onClick={actions.hide.perform}>
            {counted(hidden.length, 'part is', 'parts are')} hidden
          </button>
        )}
        <ThemeToggle />
        <button
          type="button"
          className={styles.keys}
          onClick={actions.palette.perform}
          aria-keyshortcuts="Control+K Meta+K"
        >
          Commands <kbd aria-hidden="true">{keyName(actions.palette)}</kbd>
        </button>
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

function OfflineWords() {
  const { kept, progress, problem } = useApp((state) => state.offline);
  if (progress !== undefined) return ` Keeping it: ${percent(progress.done / progress.total)}.`;
  if (problem !== undefined) return ` Not all could be kept: ${problem}.`;
  if (kept === 'nothing') return null;
  return kept === 'all' ? ' All of it works offline.' : ' It opens offline.';
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
