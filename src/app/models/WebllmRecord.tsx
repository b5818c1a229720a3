import { useId, useRef, useState, type DragEvent } from 'react';
import { Button } from '../components/Button.tsx';
import { chosenFolder, droppedFolder, type ReadFolder } from './readFolder.ts';
import styles from './Webllm.module.css';

interface WebllmRecordProps {
  readonly text: string;
  /** Why the text is no record, or a folder none of a model's. */
  readonly problem: string | undefined;
  readonly onText: (text: string) => void;
  readonly onLeave: () => void;
  /** Undefined: something else than a folder. */
  readonly onFolder: (folder: ReadFolder | undefined) => void;
}

const EXAMPLE = `{
  "model": "http://localhost:8000/my-model",
  "model_id": "my-model-q4f32_1",
  "model_lib": "http://localhost:8000/my-model.wasm",
  "overrides": { "context_window_size": 4096 }
}`;

/** A record as JSON, typed in or filled by a choice; and a place to drop a folder of a model's files. */
export function WebllmRecord({ text, problem, onText, onLeave, onFolder }: WebllmRecordProps) {
  const id = useId();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void droppedFolder(event.dataTransfer).then(onFolder);
  };
  return (
    <div
      className={over ? `${styles.record} ${styles.over}` : styles.record}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label htmlFor={id}>
        <h3>or a record of your own</h3>
      </label>
      <textarea
        id={id}
        rows={7}
        spellCheck={false}
        placeholder={EXAMPLE}
        value={text}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? `${id}-about` : `${id}-problem`}
        onChange={(event) => onText(event.target.value)}
        onBlur={onLeave}
      />
      {problem !== undefined && (
        <p className={styles.problem} id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
      <p className={styles.note} id={`${id}-about`}>
        Files are fetched from <code>resolve/main/</code> under <code>model</code>; that server must allow
        other sites (CORS). Or drop a folder here that mlc_llm wrote, with its .wasm.
      </p>
      <div className={styles.buttons}>
        <Button onClick={() => input.current?.click()}>Choose a folder…</Button>
        <input
          ref={(element) => {
            input.current = element;
            // React has no property for it.
            element?.setAttribute('webkitdirectory', '');
          }}
          type="file"
          hidden
          multiple
          aria-label="Folder of a model"
          onChange={(event) => {
            if (event.target.files !== null) onFolder(chosenFolder(event.target.files));
            event.target.value = '';
          }}
        />
      </div>
    </div>
  );
}
