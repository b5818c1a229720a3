/** Kept models as a recipe names them, open to be read. */
import type { ModelSource } from '../modelSource.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { keptName } from './keptName.ts';
import { openFiles, type OpenModel } from './openModel.ts';
import { Shelf } from './shelf.ts';

/** The one that is open: a file may be open once only in some browsers, and the next takes its place. */
let opened: OpenModel | undefined;

/** @throws Error in words where the store has no model of that name */
export async function keptSource(fs: FileSystem, model: string): Promise<ModelSource> {
  const name = keptName(model);
  const kept = await new Shelf(fs).kept(name);
  if (kept === undefined || kept.kind === 'embedder') {
    throw new Error(`${name} is not kept in this browser. Open it in Models, or choose another model.`);
  }
  opened?.close();
  opened = undefined;
  const mine = await openFiles(fs, kept.files);
  opened = mine;
  const { open } = mine;
  if (kept.kind === 'gguf') {
    const file = kept.files[0]?.name ?? name;
    return { kind: 'gguf', file, read: () => open(file) };
  }
  const whole = async (file: string): Promise<Uint8Array> => {
    const found = await open(file);
    return found instanceof Uint8Array ? found : found.read(0, found.size);
  };
  return {
    kind: 'folder',
    open,
    read: whole,
    optional: (file) =>
      kept.files.some((one) => one.name === file) ? whole(file) : Promise.resolve(undefined),
  };
}
