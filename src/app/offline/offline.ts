import type { AppState } from '../store/appState.ts';
import { useApp } from '../store/store.ts';

/** The page's end of the service worker: registers it once the page stands, and tells the store what it says. */

const state = (): AppState => useApp.getState();

/** Begins to keep the page for visits without a network. In development, and where the browser cannot, nothing. */
export function startOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // Who saves data has not asked for more than is on the screen.
  const connection = (navigator as { connection?: { saveData?: boolean } }).connection;
  if (connection?.saveData === true) return;
  const begin = (): void => void register();
  if (document.readyState === 'complete') begin();
  else window.addEventListener('load', begin, { once: true });
}

async function register(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.register('./sw.js', { updateViaCache: 'none' });
    watch(registration);
    await navigator.serviceWorker.ready;
    state().setOffline({ kept: 'shell' });
  } catch {
    // Forbidden by the browser's settings, or no network on a first visit: the page works as it did.
  }
}

/** Another version that has been fetched waits until the visitor lets it in: a run may be going on. */
function watch(registration: ServiceWorkerRegistration): void {
  const offer = (): void => {
    if (registration.waiting === null || navigator.serviceWorker.controller === null) return;
    state().setOffline({ newVersion: true });
  };
  offer();
  registration.addEventListener('updatefound', () => {
    const arriving = registration.installing;
    arriving?.addEventListener('statechange', () => {
      if (arriving.state === 'installed') offer();
    });
  });
}

/** Lets the waiting version in and opens the page anew with it. */
export async function takeNewVersion(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  registration?.waiting?.postMessage('take over');
}

/** Downloads what the shell leaves out: engine, policies and embedding model. */
export async function keepEverything(): Promise<void> {
  const registration = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<{ done: number; total: number } | { error: string }>) => {
    if ('error' in data) {
      state().setOffline({ kept: 'shell', problem: data.error, progress: undefined });
      return;
    }
    const all = data.done >= data.total;
    state().setOffline(all ? { kept: 'all', progress: undefined } : { progress: data });
  };
  state().setOffline({ problem: undefined });
  registration.active?.postMessage('keep all', [port2]);
}
