import type { LocalFile } from '../../../lab/modelStore/protocol.ts';

/** Chosen files by their paths below the chosen folder, if one was chosen, and what to call the model they are of. */
export function embedderFilesOf(chosen: readonly File[]): {
  readonly name: string;
  readonly files: readonly LocalFile[];
} {
  const files = chosen.map((file) => ({
    name: file.webkitRelativePath.split('/').slice(1).join('/') || file.name,
    content: file,
  }));
  const folder = chosen[0]?.webkitRelativePath.split('/')[0] ?? '';
  const network = chosen.find(({ name }) => name.endsWith('.onnx'))?.name.replace(/\.onnx$/, '');
  return { name: folder === '' ? (network ?? 'The model') : folder, files };
}
