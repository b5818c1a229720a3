import type { ModelRecord } from '@mlc-ai/web-llm';
import { useState } from 'react';
import { isInstruct, listedModels, needsF16 } from '../../policy/webllmList.ts';
import { counted } from '../components/format.ts';
import { Segmented } from '../components/Segmented.tsx';
import { groupModels, type ListedModel } from './groupModels.ts';
import { gigabytes } from './webllmWords.ts';
import styles from './WebllmList.module.css';

interface WebllmListProps {
  /** model_id of the record that stands in the form. */
  readonly chosen: string | undefined;
  /** Whether this graphics card calculates in f16, as far as is known. */
  readonly f16: boolean;
  readonly onChoose: (record: ModelRecord) => void;
}

/** Memory of a graphics card, in GB. */
const cards = ['1', '2', '4', '8', 'any'].map((value) => ({ value, label: value }));

/** web-llm's own list by family and model, the smallest first; narrowed by memory and by what is typed. */
export function WebllmList({ chosen, f16, onChoose }: WebllmListProps) {
  const [filter, setFilter] = useState('');
  const [instruct, setInstruct] = useState(true);
  const [card, setCard] = useState('4');
  const words = filter.toLowerCase().split(/\s+/);
  const most = card === 'any' ? Infinity : 1000 * Number(card);
  const shown = listedModels.filter(
    (record) =>
      (!instruct || isInstruct(record)) &&
      (record.vram_required_MB ?? 0) <= most &&
      words.every((word) => record.model_id.toLowerCase().includes(word)),
  );
  return (
    <div className={styles.listed}>
      <h3>From its list</h3>
      <div className={styles.card}>
        <span>Memory of your graphics card, GB</span>
        <Segmented label="Memory of your graphics card, GB" value={card} options={cards} onChange={setCard} />
        <DeviceMemory />
      </div>
      <div className={styles.filter}>
        <input
          type="search"
          aria-label="Filter web-llm’s models"
          placeholder="Filter, such as “qwen3 f32”…"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <label>
          <input type="checkbox" checked={instruct} onChange={(event) => setInstruct(event.target.checked)} />{' '}
          instruct only
        </label>
      </div>
      <p className={styles.count} role="status">
        {shown.length === 0
          ? 'No model of that name fits.'
          : `${shown.length} of ${counted(listedModels.length, 'file', 'files')}. q4: 4 bits a weight; q0: not quantised; f16 needs a graphics card that computes in it.`}
      </p>
      <div className={styles.models} role="group" aria-label="Models of web-llm’s list" tabIndex={0}>
        {groupModels(shown).map((family) => (
          <section key={family.name}>
            <h4>
              {family.name} <small>{counted(family.models.length, 'model', 'models')}</small>
            </h4>
            <ul>
              {family.models.map((model) => (
                <Model key={model.name} model={model} chosen={chosen} f16={f16} onChoose={onChoose} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}

/** No browser tells how much memory a graphics card has; some tell what the device has. */
function DeviceMemory() {
  // Chrome's alone, and of secure pages: a power of two, 8 at most.
  const { deviceMemory } = navigator as Navigator & { readonly deviceMemory?: number };
  if (deviceMemory === undefined) return null;
  return (
    <small>
      Browsers do not reveal it; this device has {deviceMemory >= 8 ? '8 GB or more' : `${deviceMemory} GB`}{' '}
      of memory in all.
    </small>
  );
}

interface ModelProps extends WebllmListProps {
  readonly model: ListedModel;
}

function Model({ model: { name, variants }, chosen, f16, onChoose }: ModelProps) {
  return (
    <li>
      <span className={styles.name}>
        {name}
        {variants.some(({ record }) => !isInstruct(record)) && <small> base</small>}
      </span>
      <span className={styles.variants}>
        {variants.map(({ record, stored }) => {
          const lacks = needsF16(record) && !f16;
          return (
            <button
              key={record.model_id}
              type="button"
              aria-label={`${record.model_id}, ${stored} ${sizeOf(record)}${lacks ? ', needs f16, which is not here' : ''}`}
              aria-pressed={record.model_id === chosen}
              data-lacks={lacks}
              onClick={() => onChoose(record)}
            >
              {stored} <small>{sizeOf(record)}</small>
            </button>
          );
        })}
      </span>
    </li>
  );
}

const sizeOf = ({ vram_required_MB: needed }: ModelRecord): string =>
  needed === undefined ? '' : gigabytes(needed);
