import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './theme/fonts.css';
import './theme/tokens.css';
import './theme/base.css';
import { startOffline } from './offline/offline.ts';
import { startLinkSync } from './routing/linkSync.ts';
import { startKeeping } from './worker/runKeeping.ts';
import { App } from './shell/App.tsx';
import { mendLanguage } from './shell/mendLanguage.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id “root” to put the page into.');
mendLanguage();
startLinkSync();
startOffline();
startKeeping();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
