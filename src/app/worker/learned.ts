import type { ExportChoice } from '../../lab/modelProtocol.ts';
import type { LabEvent } from '../../lab/protocol.ts';
import { saveFile } from '../components/saveFile.ts';
import { withFields } from '../store/recipeFields.ts';
import { useApp } from '../store/store.ts';
import { listenToLab, nextRequestId, sendToLab } from './labClient.ts';

/** What was learned, out of the page and into it. */

const state = () => useApp.getState();

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

let listens = false;

function listen(): void {
  if (listens) return;
  listens = true;
  listenToLab(tell);
}

function tell(event: LabEvent): void {
  const { learned, setLearned } = state();
  if (learned.writing === undefined || !('id' in event) || event.id !== learned.writing.id) return;
  const { id } = event;
  if (event.type === 'exportProgress') {
    const { file, done, total } = event;
    setLearned({ writing: { id, file, done, total } });
  } else if (event.type === 'error') {
    const stopped = state().lab.cancelled.includes(id);
    setLearned({ writing: undefined, problem: stopped ? undefined : event.message });
  } else if (event.type === 'exported') {
    for (const { name, content } of event.files) {
      if (content !== undefined) saveFile(name, content, content.type);
    }
    const names = event.files.map(({ name }) => name).join(', ');
    setLearned({ writing: undefined, written: `Written: ${names}.` });
  }
}

/** Whether files can be written into a folder of the machine here. */
export const canWriteFolders = (): boolean => 'showDirectoryPicker' in window;

interface FolderPicker {
  showDirectoryPicker(options: { readonly mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

/** Writes what the run of this tab has learned; into a folder that is asked for, or as downloads. */
export async function saveLearned(choice: ExportChoice, intoFolder: boolean): Promise<void> {
  listen();
  const { setLearned } = state();
  let folder: FileSystemDirectoryHandle | undefined;
  if (intoFolder) {
    try {
      folder = await (window as unknown as FolderPicker).showDirectoryPicker({ mode: 'readwrite' });
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) {
        setLearned({ problem: `The folder cannot be opened (${messageOf(error)}).` });
      }
      return;
    }
  }
  const id = nextRequestId();
  setLearned({ writing: { id }, written: undefined, problem: undefined });
  sendToLab({ type: 'export', id, choice, ...(folder === undefined ? {} : { folder }) });
}

export function stopSaving(): void {
  const { learned } = state();
  if (learned.writing !== undefined) sendToLab({ type: 'cancel', id: learned.writing.id });
}

/** Takes an adapter's two files: the next run begins with it, and the recipe says what it is. */
export async function takeAdapter(files: readonly File[]): Promise<void> {
  const { setLearned, recipe, takeRecipe, preset } = state();
  try {
    const { ADAPTER_CONFIG, ADAPTER_WEIGHTS, parseAdapterConfig } = await import('../../lab/peftAdapter.ts');
    const [config, weights] = [ADAPTER_CONFIG, ADAPTER_WEIGHTS].map((name) => {
      const file = files.find((one) => one.name === name);
      if (file !== undefined) return file;
      throw new Error(
        `There is no ${name} among the files. Choose both files of an adapter, as PEFT saves it.`,
      );
    });
    if (config === undefined || weights === undefined) return;
    let json: unknown;
    const text = await config.text();
    try {
      json = JSON.parse(text);
    } catch {
      throw new Error(`${ADAPTER_CONFIG} is not JSON. Give the file as saved, unchanged.`);
    }
    const { rank, alpha, targets } = parseAdapterConfig(json);
    const training = {
      'training.method': 'lora',
      'training.rank': rank,
      'training.alpha': alpha,
      'training.targets': targets.join(','),
    };
    const changed = withFields(recipe, training, ADAPTER_CONFIG, preset);
    if (!changed.ok) throw new Error(changed.message);
    const adapter = {
      name: `an adapter of rank ${rank} on ${targets.join(', ')}`,
      config: new TextEncoder().encode(text),
      weights: new Uint8Array(await weights.arrayBuffer()),
    };
    takeRecipe(changed.recipe);
    setLearned({ adapter, problem: undefined, written: undefined });
  } catch (error) {
    setLearned({ problem: messageOf(error) });
  }
}
