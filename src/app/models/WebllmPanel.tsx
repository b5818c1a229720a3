import { useState } from 'react';
import { isDropped, recordOfFolder, type FolderFile } from '../../policy/webllmFolder.ts';
import { listedModels } from '../../policy/webllmList.ts';
import { parseModelRecord } from '../../policy/webllmRecord.ts';
import { useApp } from '../store/store.ts';
import { loadWebllm } from '../worker/webllm.ts';
import type { ReadFolder } from './readFolder.ts';
import { useWebgpu } from './useWebgpu.ts';
import { WebllmChosen } from './WebllmChosen.tsx';
import { WebllmList } from './WebllmList.tsx';
import { WebllmRecord } from './WebllmRecord.tsx';
import { WebllmStatus } from './WebllmStatus.tsx';
import styles from './Webllm.module.css';

/** The record that a link or a list names: of web-llm's list by its name, else the text itself. */
function recordText(named: string | undefined): string {
  if (named === undefined) return '';
  const listed = listedModels.find(({ model_id }) => model_id === named);
  return listed === undefined ? pretty(named) : JSON.stringify(listed, null, 2);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // It stays as it was given, and is refused by name where it is checked.
    return text;
  }
}

/** As a link carries it: a listed model by its name, else its record in one line. */
function linked(text: string): string | undefined {
  try {
    const record = parseModelRecord(text);
    if (isDropped(record)) return undefined;
    const compact = JSON.stringify(JSON.parse(text));
    const listed = listedModels.find(({ model_id }) => model_id === record.model_id);
    return listed !== undefined && JSON.stringify(listed) === compact ? record.model_id : compact;
  } catch {
    // What is not a record yet is in no link.
    return undefined;
  }
}

/**
 * Models too large to be trained here, run by web-llm: chosen from its list, typed in as a record, dropped as a folder,
 * or named in the link. They can be asked in Play and Evaluate while they are loaded.
 */
export function WebllmPanel() {
  const named = useApp((state) => state.webllm);
  // The text that was typed last, and the name it has in a link: another name comes from a link and takes its place.
  const [typed, setTyped] = useState<{ readonly text: string; readonly name: string | undefined }>({
    text: recordText(named),
    name: named,
  });
  const [files, setFiles] = useState<readonly FolderFile[]>();
  const [refused, setRefused] = useState<string>();
  const [touched, setTouched] = useState(named !== undefined);
  const gpu = useWebgpu();
  const text = named === typed.name ? typed.text : recordText(named);
  const { record, problem } = read(text);

  const take = (next: string): void => {
    setRefused(undefined);
    const name = linked(next);
    setTyped({ text: next, name });
    useApp.getState().setView({ webllm: name });
  };
  const takeFolder = (folder: ReadFolder | undefined): void => {
    setTouched(true);
    if (folder === undefined) {
      setRefused('That was no folder. Drop the folder that mlc_llm writes, with all its files.');
      return;
    }
    try {
      take(JSON.stringify(recordOfFolder(folder.name, folder.files), null, 2));
      setFiles(folder.files);
    } catch (error) {
      setRefused(error instanceof Error ? error.message : String(error));
    }
  };

  return (
    <section className={styles.panel} aria-labelledby="webllm">
      <h2 id="webllm">
        Larger, by web-llm <em>to be asked here, not trained</em>
      </h2>
      <p className={styles.about}>
        <a href="https://webllm.mlc.ai">web-llm</a> runs models of up to a few billion parameters on your
        graphics card. It writes text, but gives no gradients, logprobs or token ids: such a model cannot be
        trained here, and its rollouts have no heat map and no forks. You can ask it in Play, beside the
        page’s own policies, and in Evaluate. One is loaded at a time.
      </p>
      {gpu.status === 'none' && (
        <p className={styles.missing} role="note">
          <b>Not in this browser.</b> {gpu.why} web-llm needs WebGPU; the rest of this page does without.
        </p>
      )}
      {gpu.status === 'there' && gpu.software && (
        <p className={styles.missing} role="note">
          WebGPU computes on the processor here: a model of 135 million parameters takes minutes to its first
          word.
        </p>
      )}
      <WebllmStatus />
      <div className={styles.choose}>
        <WebllmList
          chosen={record?.model_id}
          f16={gpu.status !== 'there' || gpu.f16}
          onChoose={(chosen) => {
            setFiles(undefined);
            setTouched(true);
            take(JSON.stringify(chosen, null, 2));
          }}
        />
        <div className={styles.own}>
          <WebllmRecord
            text={text}
            problem={refused ?? (touched && text.trim() !== '' ? problem : undefined)}
            onText={take}
            onLeave={() => setTouched(true)}
            onFolder={takeFolder}
          />
          <WebllmChosen
            record={record}
            gpu={gpu}
            folderMissing={record !== undefined && isDropped(record) && files === undefined}
            onLoad={(chosen) => loadWebllm(chosen, isDropped(chosen) ? files : undefined)}
          />
        </div>
      </div>
    </section>
  );
}

function read(text: string): {
  readonly record?: ReturnType<typeof parseModelRecord>;
  readonly problem?: string;
} {
  if (text.trim() === '') return {};
  try {
    return { record: parseModelRecord(text) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
