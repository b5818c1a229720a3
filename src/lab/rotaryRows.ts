/**
 * llama.cpp rotates neighbours where Hugging Face rotates the two halves of a head, so its converter reorders the rows of
 * Llama's query and key matrices. Rows are whole blocks, so neither way needs decoding.
 */
import type { DecoderConfig } from '../engine/config.ts';
import type { GgufTensor } from '../engine/ggufFile.ts';
import { ggmlGroups, ggmlValues } from '../engine/ggmlBlocks.ts';
import type { StoredTensor } from '../engine/gguf.ts';

/** A tensor of a GGUF file, its rows put into Hugging Face's order. @param name Hugging Face's */
export function inHalves(name: string, tensor: GgufTensor, config: DecoderConfig): GgufTensor {
  const rows = reorderedRows(name, config);
  if (rows === undefined) return tensor;
  const { type } = tensor;
  const bytes = (): Uint8Array => moved(tensor.bytes(), rows, config.headDim, (row, paired) => [paired, row]);
  return {
    ...tensor,
    bytes,
    values: () => ggmlValues(type, bytes()),
    groups: () => ggmlGroups(type, bytes()),
  };
}

/** A tensor in Hugging Face's order, its rows put into that of a GGUF file. @param name Hugging Face's */
export function inPairs(name: string, tensor: StoredTensor, config: DecoderConfig): StoredTensor {
  const rows = reorderedRows(name, config);
  if (rows === undefined) return tensor;
  const { shape, type } = tensor;
  const bytes = (): Uint8Array => moved(tensor.bytes(), rows, config.headDim, (row, paired) => [row, paired]);
  return { shape, type, bytes };
}

/** Rows of a tensor whose rows llama.cpp reorders. */
function reorderedRows(
  name: string,
  { modelType, heads, kvHeads, headDim }: DecoderConfig,
): number | undefined {
  const [, projection] = /\.self_attn\.([qk])_proj\.(?:weight|bias)$/.exec(name) ?? [];
  if (modelType !== 'llama' || projection === undefined) return undefined;
  return (projection === 'q' ? heads : kvHeads) * headDim;
}

/** @param way out of a row among halves and the same among pairs: from where to where */
function moved(
  given: Uint8Array,
  rows: number,
  C: number,
  way: (row: number, paired: number) => readonly [from: number, to: number],
): Uint8Array {
  const rowBytes = given.length / rows;
  const bytes = new Uint8Array(given.length);
  for (let row = 0; row < rows; row++) {
    const within = row % C;
    const paired = row - within + (within < C / 2 ? 2 * within : 2 * within - C + 1);
    const [from, to] = way(row, paired);
    bytes.set(given.subarray(from * rowBytes, (from + 1) * rowBytes), to * rowBytes);
  }
  return bytes;
}
