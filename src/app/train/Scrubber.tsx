import { actions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import { StepSlider } from '../components/StepSlider.tsx';
import type { RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { useShownUpdate } from '../store/useRun.ts';
import styles from './Scrubber.module.css';

/** Back through the updates whose groups are kept; in its place before there are two, too. */
export function Scrubber({ run }: { readonly run: RunView }) {
  const step = useApp((state) => state.step);
  const setView = useApp((state) => state.setView);
  const shown = useShownUpdate(run);
  const { kept } = run;
  const at = kept.findIndex((update) => update.step === shown?.step);
  const last = run.steps.at(-1)?.step ?? 0;
  return (
    <div className={styles.scrubber} data-scrubber="">
      <Button look="quiet" onClick={actions.earlier.perform} disabled={at <= 0} aria-label="Earlier update">
        ‹
      </Button>
      <StepSlider
        label="Update shown"
        count={kept.length}
        at={Math.max(at, 0)}
        words={shown === undefined ? 'no update yet' : `update ${shown.step} of ${last}`}
        onMove={(index) => setView({ step: index === kept.length - 1 ? undefined : kept[index]?.step })}
      />
      <Button
        look="quiet"
        onClick={actions.later.perform}
        disabled={at >= kept.length - 1}
        aria-label="Later update"
      >
        ›
      </Button>
      <Button look="quiet" disabled={step === undefined} onClick={() => setView({ step: undefined })}>
        Newest
      </Button>
    </div>
  );
}
