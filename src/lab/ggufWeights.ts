/** A GGUF file's tensors under Hugging Face's names, in Hugging Face's order of rows. */
import { EngineError } from '../engine/backend.ts';
import type { DecoderConfig } from '../engine/config.ts';
import { decoderTensors } from '../engine/decoderTensors.ts';
import type { GgufFile, GgufTensor } from '../engine/ggufFile.ts';
import { ggufName } from './ggufNames.ts';
import { inHalves } from './rotaryRows.ts';

/**
 * The tensors that a decoder of this configuration needs, as they lie in the file but for the order of rows.
 * @throws EngineError naming what the file lacks
 */
export function ggufWeights(
  { tensors }: GgufFile,
  config: DecoderConfig,
  file: string,
): ReadonlyMap<string, GgufTensor> {
  const found = new Map<string, GgufTensor>();
  for (const { name } of decoderTensors(config)) {
    const theirs = ggufName(name);
    const tensor = theirs === undefined ? undefined : tensors.get(theirs);
    if (theirs === undefined || tensor === undefined) {
      throw new EngineError(
        `${file} lacks ${theirs ?? name}. Download it again, or choose another conversion.`,
      );
    }
    found.set(name, inHalves(name, tensor, config));
  }
  return found;
}
