/** A GGUF file's tensors under Hugging Face's names, in Hugging Face's order of rows. */
import { EngineError } from '../engine/backend.ts';
import type { DecoderConfig } from '../engine/config.ts';
import { decoderTensors } from '../engine/decoderTensors.ts';
import type { GgufFile, GgufTensor } from '../engine/ggufFile.ts';
import { ggmlGroups, ggmlValues } from '../engine/ggmlBlocks.ts';
import { ggufName } from './ggufNames.ts';

/**
 * The tensors that a decoder of this configuration needs, as they lie in the file.
 *
 * llama.cpp rotates neighbours where Hugging Face rotates the two halves of a head, so its converter reorders the
 * rows of Llama's query and key matrices; here they are put back. Rows are whole blocks, so that needs no decoding.
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
    found.set(name, reordered(name, tensor, config));
  }
  return found;
}

function reordered(name: string, tensor: GgufTensor, config: DecoderConfig): GgufTensor {
  const [, projection] = /\.self_attn\.([qk])_proj\.(?:weight|bias)$/.exec(name) ?? [];
  if (config.modelType !== 'llama' || projection === undefined) return tensor;
  const { heads, kvHeads, headDim: C } = config;
  const rows = (projection === 'q' ? heads : kvHeads) * C;
  const { type } = tensor;
  const bytes = (): Uint8Array => inHalves(tensor.bytes(), rows, C);
  return {
    ...tensor,
    bytes,
    values: () => ggmlValues(type, bytes()),
    groups: () => ggmlGroups(type, bytes()),
  };
}

/** Rows of neighbours in turn, put into the order of the two halves of each head of C. */
function inHalves(given: Uint8Array, rows: number, C: number): Uint8Array {
  const rowBytes = given.length / rows;
  const bytes = new Uint8Array(given.length);
  for (let row = 0; row < rows; row++) {
    const within = row % C;
    const from = row - within + (within < C / 2 ? 2 * within : 2 * within - C + 1);
    bytes.set(given.subarray(from * rowBytes, (from + 1) * rowBytes), row * rowBytes);
  }
  return bytes;
}
