import type { LocalFile } from '../../lab/modelStore/protocol.ts';

export interface ChosenFiles {
  /** Name of their folder; of loose files, none. */
  readonly folder: string;
  readonly files: readonly LocalFile[];
}

const loose = 'dropped files';
const local = (file: File): LocalFile => ({ name: file.name, content: file });

/** Files of an input, of one folder or chosen one by one. What lies in folders below is left out. */
export function chosenFiles(list: FileList | null): ChosenFiles {
  const files = [...(list ?? [])].filter(
    ({ webkitRelativePath }) => webkitRelativePath.split('/').length <= 2,
  );
  const [folder = ''] = files[0]?.webkitRelativePath.split('/') ?? [];
  return { folder: folder === '' ? loose : folder, files: files.map(local) };
}

/** What was dropped: one folder's files, or files. Must be called within the event, which forgets what it holds. */
export async function droppedFiles(transfer: DataTransfer): Promise<ChosenFiles> {
  const files = [...transfer.files];
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const folder = entries.find((entry) => entry?.isDirectory === true);
  if (folder === undefined || folder === null) return { folder: loose, files: files.map(local) };
  const inside = await filesOf((folder as FileSystemDirectoryEntry).createReader());
  return { folder: folder.name, files: inside.map(local) };
}

/** A reader gives some entries at a time, and none when there are no more. */
async function filesOf(reader: FileSystemDirectoryReader): Promise<readonly File[]> {
  const files: File[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return files;
    for (const entry of some) {
      if (!entry.isFile) continue;
      files.push(
        await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
      );
    }
  }
}
