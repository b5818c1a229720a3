import type { ModelRecord } from '@mlc-ai/web-llm';
import { isDropped } from '../../policy/webllmFolder.ts';
import { isInstruct, listedModels, needsF16 } from '../../policy/webllmList.ts';
import { Button } from '../components/Button.tsx';
import { megabytes } from '../components/format.ts';
import { useApp } from '../store/store.ts';
import type { Webgpu } from './useWebgpu.ts';
import { WebllmKept } from './WebllmKept.tsx';
import { gigabytes } from './webllmWords.ts';
import styles from './Webllm.module.css';

interface WebllmChosenProps {
  readonly record: ModelRecord | undefined;
  readonly gpu: Webgpu;
  /** The record is of a folder that is not here. */
  readonly folderMissing: boolean;
  readonly onLoad: (record: ModelRecord) => void;
}

/** What the chosen model will take, before anything is fetched, and the button that begins. */
export function WebllmChosen({ record, gpu, folderMissing, onLoad }: WebllmChosenProps) {
  const status = useApp((state) => state.lab.webllm.status);
  const ready =
    record !== undefined &&
    gpu.status === 'there' &&
    !folderMissing &&
    !(lacksF16(gpu) && isListed(record) && needsF16(record)) &&
    status !== 'loading';
  return (
    <div className={styles.chosen}>
      {record === undefined ? (
        <p>Choose a model from the list, or enter a record.</p>
      ) : (
        <ul aria-label={`What ${record.model_id} takes`}>
          <li>
            <b>{record.model_id}</b>
          </li>
          <Needs record={record} gpu={gpu} />
          <WebllmKept record={record} />
        </ul>
      )}
      {folderMissing && (
        <p className={styles.problem}>The folder of this record is no longer here: choose it again.</p>
      )}
      <Button look="primary" disabled={!ready} onClick={() => record !== undefined && onLoad(record)}>
        {status === 'ready' ? 'Load in its place' : 'Load'}
      </Button>
    </div>
  );
}

const lacksF16 = (gpu: Webgpu): boolean => gpu.status === 'there' && !gpu.f16;

const isListed = (record: ModelRecord): boolean =>
  listedModels.some(({ model_id }) => model_id === record.model_id);

function Needs({ record, gpu }: { readonly record: ModelRecord; readonly gpu: Webgpu }) {
  const info = useApp((state) => state.lab.info);
  const needed = record.vram_required_MB;
  return (
    <>
      <li>
        {needed === undefined
          ? 'The record does not say how much memory it needs on the card.'
          : `Needs about ${gigabytes(needed)} on the graphics card.`}
        {info?.backend === 'webgpu' &&
          ` This page’s own engine holds ${megabytes(info.memoryBytes)} there as well.`}
      </li>
      <li>
        {isDropped(record)
          ? 'Its files are copied into this browser’s storage while it is loaded; nothing is sent anywhere.'
          : `Its weights, most of that, are fetched from ${new URL(record.model).host} and kept by this browser, as is web-llm itself (2 MB).`}
      </li>
      {isListed(record) && !isInstruct(record) && (
        <li>
          It is a base model, not tuned to follow instructions: it will hardly follow the prompt and search.
        </li>
      )}
      {lacksF16(gpu) && needsF16(record) && (
        <li>
          <b>It computes in f16, which this card or browser cannot.</b> Choose one whose name has q4f32 or
          q0f32.
        </li>
      )}
    </>
  );
}
