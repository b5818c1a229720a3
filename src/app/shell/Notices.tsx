import { useState } from 'react';
import { ActionButton } from '../actions/ActionButton.tsx';
import { actions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import type { Notice } from '../store/labState.ts';
import { useApp } from '../store/store.ts';
import { ensureLoaded } from '../worker/labClient.ts';
import styles from './Notices.module.css';

const failed: Readonly<Record<Notice['request'], string>> = {
  load: 'The engine could not be loaded',
  start: 'The run could not go on',
  step: 'The update could not be done',
  turn: 'The dials of the run could not be turned',
  checkpoint: 'The run could not be kept',
  resume: 'The run could not be gone on with',
  'step-phase': 'The update could not be done phase by phase',
  pace: 'The run could not be slowed down',
  pause: 'The run could not be paused',
  stop: 'The run could not be stopped',
  corpus: 'These passages could not be searched',
  embedder: 'This embedding model could not be used',
  play: 'The question could not be answered',
  alternatives: 'The alternatives could not be computed',
  map: 'The map could not be drawn',
  passages: 'The passages could not be read',
  near: 'The nearest passages could not be found',
  fork: 'The rollout could not go on from that token',
  evaluate: 'The table could not be run to its end',
  'webllm-load': 'The web-llm model could not be loaded',
  'webllm-unload': 'The web-llm model could not be unloaded',
  'webllm-play': 'The web-llm model could not answer',
  'webllm-evaluate': 'The web-llm model could not be asked to the end',
  estimate: 'The memory could not be estimated',
  export: 'What was learned could not be written',
  cancel: 'The answer could not be broken off',
};

/** What breaks a run off is most often a dial. */
const ofARun: ReadonlySet<Notice['request']> = new Set(['start', 'step', 'step-phase']);

/** What went wrong or is other than wished, where it is seen, with what mends it. Nothing shown is lost by it. */
export function Notices() {
  const all = useApp((state) => state.lab.notices);
  // Only where WebGPU was asked for; who left the choice to the page reads of it beside the backend.
  const fallback = useApp((state) => (state.lab.backend === 'webgpu' ? state.lab.info?.notice : undefined));
  const asked = useApp((state) => state.asked);
  const [seen, setSeen] = useState<string>();
  const linkProblems = useApp((state) => state.linkProblems);
  const newVersion = useApp((state) => state.offline.newVersion);
  const { tell, setView, setOffline } = useApp.getState();
  // What concerns an answer stands where the answer would.
  const answers = [asked?.baseId, asked?.otherId, asked?.webllm?.id];
  const notices = all.filter(({ id }) => id === undefined || !answers.includes(id));
  const told = fallback !== undefined && fallback !== seen;
  if (notices.length === 0 && !told && linkProblems.length === 0 && !newVersion) return null;
  return (
    <div className={styles.notices}>
      {newVersion && (
        <div className={`${styles.notice} ${styles.mild}`} role="status">
          <p>A newer version of this page is there. Opening it ends what runs in this tab.</p>
          <Button onClick={actions.newVersion.perform}>Open it</Button>
          <Button look="quiet" onClick={() => setOffline({ newVersion: false })}>
            Later
          </Button>
        </div>
      )}
      {linkProblems.length > 0 && (
        <div className={styles.notice} role="alert">
          <p>{linkProblems.join(' ')}</p>
          <Button look="quiet" onClick={() => setView({ linkProblems: [] })}>
            Dismiss
          </Button>
        </div>
      )}
      {told && (
        <div className={`${styles.notice} ${styles.mild}`} role="status">
          <p>{fallback}</p>
          <Button look="quiet" onClick={() => setSeen(fallback)}>
            Dismiss
          </Button>
        </div>
      )}
      {notices.map((notice) => (
        <div key={notice.key} className={styles.notice} role="alert">
          <p>
            <b>{failed[notice.request]}.</b> {notice.message}
          </p>
          <Mend notice={notice} />
          <Button look="quiet" onClick={() => tell({ from: 'visitor', dismiss: notice.key })}>
            Dismiss
          </Button>
        </div>
      ))}
    </div>
  );
}

function Mend({ notice }: { readonly notice: Notice }) {
  const backend = useApp((state) => state.backend);
  const { takeBackend, tell } = useApp.getState();
  if (ofARun.has(notice.request)) return <ActionButton action={actions.recipe} text="Change the recipe" />;
  if (notice.request !== 'load') return null;
  const again = (): void => {
    tell({ from: 'visitor', dismiss: notice.key });
    void ensureLoaded(true);
  };
  return (
    <>
      <Button onClick={again}>Try again</Button>
      {backend !== 'wasm' && (
        <Button
          onClick={() => {
            takeBackend('wasm');
            again();
          }}
        >
          Try on WebAssembly
        </Button>
      )}
    </>
  );
}
