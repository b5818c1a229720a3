import type { LocalFile } from '../../lab/modelStore/protocol.ts';
import { chosenFolder, droppedFolder, type ReadFolder } from './readFolder.ts';

export interface ChosenFiles {
  /** Name of their folder; of loose files, none. */
  readonly folder?: string;
  readonly files: readonly LocalFile[];
}

const loose = (files: readonly File[]): ChosenFiles => ({
  files: files.map((file) => ({ name: file.name, content: file })),
});

/** A folder's files by their paths: an embedding model has some in folders below it. */
const ofFolder = ({ name, files }: ReadFolder): ChosenFiles => ({
  folder: name,
  files: files.map(({ path, file }) => ({ name: path, content: file })),
});

/** Files of an input, of one folder or chosen one by one. */
export function chosenFiles(list: FileList): ChosenFiles {
  const files = [...list];
  const inFolder = files.some(({ webkitRelativePath }) => webkitRelativePath !== '');
  const folder = inFolder ? chosenFolder(list) : undefined;
  return folder === undefined ? loose(files) : ofFolder(folder);
}

/** What was dropped: one folder's files, or files. Must be called within the event, which forgets what it holds. */
export async function droppedFiles(transfer: DataTransfer): Promise<ChosenFiles> {
  const files = [...transfer.files];
  const folder = await droppedFolder(transfer);
  return folder === undefined ? loose(files) : ofFolder(folder);
}
