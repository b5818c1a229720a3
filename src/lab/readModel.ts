/** A model by its files, whichever kind: what they say, before any of it is on a device. */
import { ggufParts } from './ggufReader.ts';
import { readFolder, type ModelParts } from './modelFiles.ts';
import type { ModelSource } from './modelSource.ts';

/** @throws EngineError naming file, field and mend */
export async function readModel(source: ModelSource): Promise<ModelParts> {
  if (source.kind === 'gguf') return ggufParts(await source.read(), source.file);
  return readFolder(source.read, source.open, source.optional);
}
