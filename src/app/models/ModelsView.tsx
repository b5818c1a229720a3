import { useEffect } from 'react';
import { Arriving } from '../components/models/Arriving.tsx';
import { ViewFrame } from '../components/ViewFrame.tsx';
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
    <ViewFrame
      title="Any small model can learn to search."
      about="A run starts from one of these. The ones that come with the page have only learned to write transcripts about made-up worlds; others can be opened here, and stay in this browser."
    >
      <section className={styles.section} aria-labelledby="open-model">
        <h2 id="open-model">Open a model</h2>
        <OpenPanel />
        <Arriving />
      </section>
      <KeptModels />
      <ShippedModels />
      <WebllmPanel />
    </ViewFrame>
  );
}
