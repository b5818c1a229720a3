import type { ByteSource } from '../engine/byteSource.ts';
import type { FileReader, OptionalReader } from './modelFiles.ts';
import type { FileOpener } from './shards.ts';

/** Where a model lies: a folder in Hugging Face layout, or one GGUF file, which is read when it is asked for. */
export type ModelSource =
  | {
      readonly kind: 'folder';
      readonly read: FileReader;
      /** Where it is there, weights are read through it, tensor by tensor. */
      readonly open?: FileOpener;
      /** Absent where nothing else can be there than what every model needs. */
      readonly optional?: OptionalReader;
    }
  | { readonly kind: 'gguf'; readonly file: string; readonly read: () => Promise<Uint8Array | ByteSource> };

/** A source by a name that ends in .gguf where it is one file; the others give the readers of a folder. */
export function sourceNamed(
  name: string,
  folder: (path: string) => FileReader,
  optional?: (path: string) => OptionalReader,
): ModelSource {
  if (!name.endsWith('.gguf')) {
    return { kind: 'folder', read: folder(name), ...(optional && { optional: optional(name) }) };
  }
  const slash = name.lastIndexOf('/');
  const file = name.slice(slash + 1);
  const read = folder(slash < 0 ? '.' : name.slice(0, slash));
  return { kind: 'gguf', file, read: () => read(file) };
}
