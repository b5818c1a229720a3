import { lazy, Suspense } from 'react';
import { Router, useLocation } from 'wouter';
import { ShortcutsDialog } from '../actions/ShortcutsDialog.tsx';
import { useKeys } from '../actions/useKeys.ts';
import { hrefTo, useHashPath } from '../routing/hashLocation.ts';
import { viewAt } from '../routing/views.ts';
import { useApp } from '../store/store.ts';
import { Notices } from './Notices.tsx';
import { Rail } from './Rail.tsx';
import { routes } from './routes.ts';
import { useRecorded } from './useRecorded.ts';
import styles from './App.module.css';

// A chunk of its own: the first paint does not wait for it.
const RecipeDialog = lazy(() => import('../recipe/RecipeDialog.tsx'));

export function App() {
  useKeys();
  useRecorded();
  const recipeOpen = useApp((state) => state.dialog === 'recipe');
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
      <ShortcutsDialog />
      {recipeOpen && (
        <Suspense fallback={null}>
          <RecipeDialog />
        </Suspense>
      )}
    </Router>
  );
}

function Here() {
  const [path] = useLocation();
  const Shown = routes[viewAt(path).path];
  return <Shown />;
}

/** The hash is the page's address, so the skip link moves the focus itself. */
function focusMain(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
