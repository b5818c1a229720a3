import { useEffect } from 'react';
import { Arriving } from '../components/models/Arriving.tsx';
import { listModels } from '../worker/modelClient.ts';
import { KeptModels } from './KeptModels.tsx';
import { OpenPanel } from './OpenPanel.tsx';
import { ShippedModels } from './ShippedModels.tsx';
import { WebllmPanel } from './WebllmPanel.tsx';
import styles from './ModelsView.module.css';

/** The models that this page can run: those that come with it, and those that a visitor has opened. */
export default function ModelsView() {
  useEffect(listModels, []);
  return (
    <div className={styles.models}>
      <header className={styles.lede}>
        <h1>Any small model can learn to search.</h1>
        <p>
          A run begins from one of these. Those that come with the page have learned nothing but to write
          transcripts of made-up worlds; others can be opened here, and stay in this browser.
        </p>
      </header>
      <section className={styles.section} aria-labelledby="open-model">
        <h2 id="open-model">Open a model</h2>
        <OpenPanel />
        <Arriving />
      </section>
      <KeptModels />
      <ShippedModels />
      <WebllmPanel />
    </div>
  );
}
