import { Button } from '../components/Button.tsx';
import { duration, percent } from '../components/format.ts';
import { hrefTo } from '../routing/hashLocation.ts';
import { useApp } from '../store/store.ts';
import { unloadWebllm } from '../worker/webllm.ts';
import { gigabytes } from './webllmWords.ts';
import styles from './Webllm.module.css';

/** The model that web-llm holds: how far its load is, where it can be asked, or why it is gone. */
export function WebllmStatus() {
  const webllm = useApp((state) => state.lab.webllm);
  switch (webllm.status) {
    case 'none':
      return null;
    case 'loading':
      return (
        <div className={styles.status}>
          <p role="status">
            <b>Loading {webllm.model}</b>, {percent(webllm.progress)}
          </p>
          <Button onClick={unloadWebllm}>Cancel</Button>
          <progress value={webllm.progress} max={1} aria-label={`Loading ${webllm.model}`} />
          <p className={styles.line}>{webllm.text}</p>
        </div>
      );
    case 'ready':
      return (
        <div className={styles.status}>
          <p role="status">
            <b>{webllm.model} is loaded</b>, in {duration(webllm.seconds)}
            {webllm.vramMegabytes !== undefined &&
              `; by its record it holds ${gigabytes(webllm.vramMegabytes)} on the graphics card`}
            . <a href={hrefTo('/')}>Ask it in Play</a> or <a href={hrefTo('/evaluate')}>in Evaluate</a>.
          </p>
          <Button onClick={unloadWebllm}>Unload</Button>
        </div>
      );
    case 'failed':
    case 'lost':
      return (
        <p className={styles.missing} role="alert">
          <b>{webllm.status === 'lost' ? `${webllm.model} is gone.` : `${webllm.model} was not loaded.`}</b>{' '}
          {webllm.message}
        </p>
      );
  }
}
