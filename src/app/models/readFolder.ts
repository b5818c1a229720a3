import type { FolderFile } from '../../policy/webllmFolder.ts';

export interface ReadFolder {
  readonly name: string;
  readonly files: readonly FolderFile[];
}

/** A folder from a file dialog, which tells each file's path with the folder's name first. */
export function chosenFolder(list: FileList): ReadFolder | undefined {
  const files = [...list];
  const [first] = files;
  if (first === undefined) return undefined;
  const name = first.webkitRelativePath.split('/')[0] ?? first.name;
  return {
    name,
    files: files.map((file) => ({ path: file.webkitRelativePath.split('/').slice(1).join('/'), file })),
  };
}

/** A folder that was dropped; undefined where something else was. */
export async function droppedFolder(data: DataTransfer): Promise<ReadFolder | undefined> {
  // Told now: the event forgets what it holds.
  const folder = [...data.items].map((item) => item.webkitGetAsEntry()).find(isDirectory);
  return folder && { name: folder.name, files: await filesOf(folder, '') };
}

async function filesOf(folder: FileSystemDirectoryEntry, path: string): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  const reader = folder.createReader();
  // A reader tells some of the entries at a time, and none when all are told.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return files;
    for (const entry of entries) {
      const at = `${path}${entry.name}`;
      if (isDirectory(entry)) files.push(...(await filesOf(entry, `${at}/`)));
      else if (isFile(entry)) {
        const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
        files.push({ path: at, file });
      }
    }
  }
}

const isDirectory = (entry: FileSystemEntry | null): entry is FileSystemDirectoryEntry =>
  entry?.isDirectory === true;
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
