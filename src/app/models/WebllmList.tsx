import type { ModelRecord } from '@mlc-ai/web-llm';
import { useState } from 'react';
import { isInstruct, listedModels, needsF16 } from '../../policy/webllmList.ts';
import { gigabytes } from './webllmWords.ts';
import styles from './Webllm.module.css';

interface WebllmListProps {
  /** model_id of the record that stands in the form. */
  readonly chosen: string | undefined;
  /** Whether this graphics card calculates in f16, as far as is known. */
  readonly f16: boolean;
  readonly onChoose: (record: ModelRecord) => void;
}

/** web-llm's own list, the smallest first, narrowed by what is typed. */
export function WebllmList({ chosen, f16, onChoose }: WebllmListProps) {
  const [filter, setFilter] = useState('');
  const [instruct, setInstruct] = useState(true);
  const words = filter.toLowerCase().split(/\s+/);
  const shown = listedModels
    .filter(
      (record) =>
        (!instruct || isInstruct(record)) &&
        words.every((word) => record.model_id.toLowerCase().includes(word)),
    )
    .sort((a, b) => (a.vram_required_MB ?? 0) - (b.vram_required_MB ?? 0));
  return (
    <div className={styles.listed}>
      <h3>From its list</h3>
      <div className={styles.filter}>
        <input
          type="search"
          aria-label="Filter web-llm’s models"
          placeholder={`Filter ${listedModels.length} models, such as “qwen3 f32”…`}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <label>
          <input type="checkbox" checked={instruct} onChange={(event) => setInstruct(event.target.checked)} />{' '}
          instruct only
        </label>
      </div>
      {shown.length === 0 && <p className={styles.note}>None is called so.</p>}
      <ul className={styles.models} aria-label="Models of web-llm’s list" tabIndex={0}>
        {shown.map((record) => (
          <li key={record.model_id}>
            <button type="button" aria-pressed={record.model_id === chosen} onClick={() => onChoose(record)}>
              <span>{record.model_id}</span>
              <small>
                {record.vram_required_MB !== undefined && gigabytes(record.vram_required_MB)}
                {isInstruct(record) ? '' : ' · base'}
                {needsF16(record) && !f16 ? ' · needs f16, which is not here' : ''}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
