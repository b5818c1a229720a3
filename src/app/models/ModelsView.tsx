import { ShippedModels } from './ShippedModels.tsx';
import { WebllmPanel } from './WebllmPanel.tsx';
import styles from './ModelsView.module.css';

/** The models that this page can run: those that come with it, and those that a visitor has opened. */
export default function ModelsView() {
  return (
    <div className={styles.models}>
      <header className={styles.lede}>
        <h1>Any small model can learn to search.</h1>
        <p>
          A run begins from one of these. Those that come with the page have learned nothing but to write
          transcripts of made-up worlds.
        </p>
      </header>
      <ShippedModels />
      <WebllmPanel />
    </div>
  );
}
