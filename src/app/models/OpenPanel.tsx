import { useId, useState, type DragEvent } from 'react';
import { Button } from '../components/Button.tsx';
import { OtherHub } from '../components/models/OtherHub.tsx';
import { useApp } from '../store/store.ts';
import { lookUp, takeModel } from '../worker/modelClient.ts';
import { chosenFiles, droppedFiles, type ChosenFiles } from './localFiles.ts';
import styles from './OpenPanel.module.css';

const example = 'HuggingFaceTB/SmolLM2-135M-Instruct';

/** Ways to open another model: by its name on the hub, or from this computer. */
export function OpenPanel() {
  const busy = useApp((state) => state.models.busy !== undefined);
  const [name, setName] = useState('');
  const [hub, setHub] = useState('');
  const [over, setOver] = useState(false);
  const hint = useId();
  const take = ({ folder, files }: ChosenFiles): void => {
    if (files.length > 0) takeModel(folder, files);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (!busy) void droppedFiles(event.dataTransfer).then(take);
  };
  return (
    <div
      className={over ? `${styles.open} ${styles.over}` : styles.open}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <form
        className={styles.hub}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) lookUp(name.trim() === '' ? example : name, hub);
        }}
      >
        <label>
          Repository on the Hugging Face hub
          <input
            value={name}
            placeholder={example}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-describedby={hint}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <Button type="submit" look="primary" disabled={busy}>
          Look it up
        </Button>
      </form>
      <p id={hint} className={styles.note}>
        Llama, Qwen2 and Qwen3 models, as safetensors or GGUF. You see how large one is, and what memory it
        needs, before its weights are downloaded.
      </p>
      <div className={styles.local}>
        <label>
          or a folder on this computer
          <input
            type="file"
            ref={(input) => input?.setAttribute('webkitdirectory', '')}
            disabled={busy}
            onChange={(event) => {
              if (event.target.files !== null) take(chosenFiles(event.target.files));
              event.target.value = '';
            }}
          />
        </label>
        <label>
          or its files, or one GGUF file
          <input
            type="file"
            multiple
            accept=".safetensors,.json,.jinja,.gguf"
            disabled={busy}
            onChange={(event) => {
              if (event.target.files !== null) take(chosenFiles(event.target.files));
              event.target.value = '';
            }}
          />
        </label>
        <p className={styles.drop}>or drop them here</p>
      </div>
      <OtherHub hub={hub} onHub={setHub} />
    </div>
  );
}
