import { lazy, Suspense } from 'react';
import { Router, useLocation } from 'wouter';
import { useKeys } from '../actions/useKeys.ts';
import { hrefTo, useHashPath } from '../routing/hashLocation.ts';
import { viewAt } from '../routing/views.ts';
import { isViewHidden } from '../store/parts.ts';
import { useApp } from '../store/store.ts';
import { Notices } from './Notices.tsx';
import { Rail } from './Rail.tsx';
import { routes } from './routes.ts';
import { UndoBar } from './UndoBar.tsx';
import { useRecorded } from './useRecorded.ts';
import styles from './App.module.css';

// Chunks of their own: the first paint does not wait for them.
const RecipeDialog = lazy(() => import('../recipe/RecipeDialog.tsx'));
const ShortcutsDialog = lazy(() => import('../actions/ShortcutsDialog.tsx'));
const Palette = lazy(() => import('../actions/Palette.tsx'));
const HideDialog = lazy(() => import('./HideDialog.tsx'));

export function App() {
  useKeys();
  useRecorded();
  const dialog = useApp((state) => state.dialog);
  return (
    <Router hook={useHashPath} hrefs={hrefTo}>
      <a className={styles.skip} href="#main" onClick={focusMain}>
        To the page
      </a>
      <div className={styles.shell}>
        <Rail />
        <main id="main" tabIndex={-1} className={styles.main}>
          <Notices />
          <Suspense fallback={<p className={styles.wait}>Opening…</p>}>
            <Here />
          </Suspense>
        </main>
      </div>
      <UndoBar />
      <Suspense fallback={null}>
        {dialog === 'shortcuts' && <ShortcutsDialog />}
        {dialog === 'recipe' && <RecipeDialog />}
        {dialog === 'palette' && <Palette />}
        {dialog === 'hide' && <HideDialog />}
      </Suspense>
    </Router>
  );
}

function Here() {
  const [path] = useLocation();
  const wanted = viewAt(path).path;
  const hidden = useApp((state) => isViewHidden(state.hidden, wanted));
  const Shown = routes[hidden ? '/' : wanted];
  return <Shown />;
}

/** The hash is the page's address, so the skip link moves the focus itself. */
function focusMain(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
