/** What numbers an exported tensor has: those that its file had, or others. */
import { ggmlType } from '../engine/ggmlBlocks.ts';
import type { StoredTensor } from '../engine/gguf.ts';
import { plainTypes, type PlainType } from '../engine/plainNumbers.ts';
import type { Tensor } from '../engine/tensors.ts';

/** `keep`: as in the file that the model came from. */
export const numberKinds = ['keep', 'f16', 'f32'] as const;
export type Numbers = (typeof numberKinds)[number];

/** Whether a tensor's bytes are those of a GGUF file. */
export const isStored = (tensor: Tensor): tensor is Tensor & StoredTensor =>
  'type' in tensor && 'bytes' in tensor;

/** The numbers of a tensor in a file that quantises none: halves, where it was quantised and is to be kept. */
export function plainTypeOf(tensor: Tensor, numbers: Numbers): PlainType {
  if (numbers !== 'keep') return numbers === 'f16' ? 'F16' : 'F32';
  const name = isStored(tensor) ? ggmlType(tensor.type)?.name : 'dtype' in tensor ? tensor.dtype : 'F32';
  return plainTypes.find((type) => type === name) ?? 'F16';
}
