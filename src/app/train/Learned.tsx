import { useRef, useState } from 'react';
import type { ExportChoice } from '../../lab/modelProtocol.ts';
import type { LoadedInfo } from '../../lab/protocol.ts';
import { Button } from '../components/Button.tsx';
import { counted } from '../components/format.ts';
import { bytesText } from '../components/models/bytes.ts';
import { useApp } from '../store/store.ts';
import { canWriteFolders, saveLearned, stopSaving, takeAdapter } from '../worker/learned.ts';
import styles from './Learned.module.css';

type Form = Extract<ExportChoice, { what: 'model' }>;

const forms: readonly { readonly value: Form['format']; readonly label: string }[] = [
  { value: 'hf', label: 'Hugging Face folder' },
  { value: 'gguf', label: 'GGUF file' },
];
const numbers: readonly { readonly value: Form['numbers']; readonly label: string }[] = [
  { value: 'keep', label: 'numbers as in the base' },
  { value: 'f16', label: '16 bits' },
  { value: 'f32', label: '32 bits' },
];

/** What the run of this tab has learned, to take away: its adapter, or the whole model; and an adapter to begin with. */
export function Learned() {
  const info = useApp((state) => state.lab.info);
  const { written, problem, writing } = useApp((state) => state.learned);
  const setLearned = useApp((state) => state.setLearned);
  return (
    <section className={styles.section} aria-labelledby="learned">
      <h2 id="learned">
        What was learned <em>to take away, or to begin with</em>
      </h2>
      {info === undefined ? (
        <p className={styles.about}>
          Nothing is loaded yet. Once a run has begun, its weights can be taken away from here.
        </p>
      ) : (
        <TakeAway info={info} />
      )}
      <div role="status" className={styles.status}>
        {writing !== undefined && <Writing />}
        {writing === undefined && written !== undefined && <p>{written}</p>}
      </div>
      <BeginWith />
      {problem !== undefined && (
        <p className={styles.problem} role="alert">
          {problem}{' '}
          <Button look="quiet" onClick={() => setLearned({ problem: undefined })}>
            Dismiss
          </Button>
        </p>
      )}
    </section>
  );
}

function TakeAway({ info }: { readonly info: LoadedInfo }) {
  const { adapter, trainable } = info;
  const updates = useApp((state) => state.lab.steps.at(-1)?.step ?? 0);
  const busy = useApp((state) => state.learned.writing !== undefined || state.lab.run === 'loading');
  const [format, setFormat] = useState<Form['format']>('hf');
  const [kept, setKept] = useState<Form['numbers']>('keep');
  const model = { what: 'model', format, numbers: kept } as const;
  const after = updates === 0 ? 'as loaded' : `after ${counted(updates, 'update', 'updates')}`;
  return (
    <>
      {adapter !== undefined && (
        <div className={styles.row}>
          <p>
            <b>The adapter</b>, {after}: rank {adapter.rank}, alpha {adapter.alpha}, {trainable} numbers; two
            files, as PEFT saves them.
          </p>
          <span className={styles.acts}>
            <Button disabled={busy} onClick={() => void saveLearned({ what: 'adapter' }, false)}>
              Download the adapter
            </Button>
            {canWriteFolders() && (
              <Button
                look="quiet"
                disabled={busy}
                onClick={() => void saveLearned({ what: 'adapter' }, true)}
                aria-label="Write the adapter into a folder"
              >
                Into a folder…
              </Button>
            )}
          </span>
        </div>
      )}
      <div className={styles.row}>
        <p>
          <b>The model</b>
          {adapter === undefined ? '' : ' with the adapter worked in'}, {after}, as{' '}
          <select
            aria-label="Form of the model"
            value={format}
            onChange={({ target }) => setFormat(target.value === 'gguf' ? 'gguf' : 'hf')}
          >
            {forms.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>{' '}
          <select
            aria-label="Numbers of the weights"
            value={kept}
            onChange={({ target }) =>
              setKept(numbers.find(({ value }) => value === target.value)?.value ?? 'keep')
            }
          >
            {numbers.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </p>
        <span className={styles.acts}>
          <Button disabled={busy} onClick={() => void saveLearned(model, false)}>
            Download the model
          </Button>
          {canWriteFolders() && (
            <Button
              look="quiet"
              disabled={busy}
              onClick={() => void saveLearned(model, true)}
              aria-label="Write the model into a folder"
            >
              Into a folder…
            </Button>
          )}
        </span>
      </div>
    </>
  );
}

function Writing() {
  const writing = useApp((state) => state.learned.writing);
  const { file, done, total } = writing ?? {};
  return (
    <div className={styles.writing}>
      <progress aria-label="Of the files" max={total ?? 1} value={total === undefined ? undefined : done} />
      <p>
        {file === undefined || done === undefined || total === undefined
          ? 'Waits for the update that is under way…'
          : `${file}: ${bytesText(done)} of ${bytesText(total)}`}
      </p>
      <Button onClick={stopSaving}>Stop writing</Button>
    </div>
  );
}

function BeginWith() {
  const adapter = useApp((state) => state.learned.adapter);
  const loaded = useApp((state) => state.lab.adapter === state.learned.adapter);
  const setLearned = useApp((state) => state.setLearned);
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.row}>
      <p>
        <b>Begin with a saved adapter</b>:{' '}
        {adapter === undefined
          ? 'adapter_config.json and adapter_model.safetensors, of the model that the recipe names.'
          : `${loaded ? 'the run of this tab began' : 'the next run begins'} with ${adapter.name}.`}
      </p>
      <span className={styles.acts}>
        <Button onClick={() => input.current?.click()}>Choose its two files</Button>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="Files of an adapter"
          accept=".json,.safetensors"
          onChange={({ target }) => {
            void takeAdapter([...(target.files ?? [])]);
            target.value = '';
          }}
        />
        {adapter !== undefined && (
          <Button look="quiet" onClick={() => setLearned({ adapter: undefined })}>
            Begin without it
          </Button>
        )}
      </span>
    </div>
  );
}
