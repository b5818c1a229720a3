/** What is known of a model from its configuration alone, before any weight has come. */
import type { DecoderConfig } from '../../engine/config.ts';
import { decoderTensors } from '../../engine/decoderTensors.ts';
import { frozenBytes, type WeightKind } from '../../engine/frozenWeights.ts';
import { sizeOf } from '../../engine/tensors.ts';
import { adapterBytes } from '../memoryEstimate.ts';
import { sizeInWords } from './words.ts';

export interface ModelCard {
  readonly architecture: string;
  readonly layers: number;
  readonly vocabulary: number;
  /** Longest text in tokens. */
  readonly positions: number;
  readonly parameters: number;
  /** Bytes of the weights on the device, by how they are kept. */
  readonly weights: Readonly<Record<WeightKind, number>>;
  /**
   * Bytes that training an adapter takes beside them by the page's first recipe, plainly and with layers run twice;
   * absent of models that were kept before it was known.
   */
  readonly training?: { readonly plain: number; readonly twice: number } | undefined;
}

export function cardOf(config: DecoderConfig): ModelCard {
  const bytes = (kind: WeightKind): number => frozenBytes(config, kind);
  return {
    architecture: config.modelType,
    layers: config.layers,
    vocabulary: config.vocabSize,
    positions: config.maxPositions,
    parameters: decoderTensors(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    weights: { f32: bytes('f32'), f16: bytes('f16'), int8: bytes('int8'), int4: bytes('int4') },
    training: { plain: adapterBytes(config, false), twice: adapterBytes(config, true) },
  };
}

/** What the machine has: `undefined` where the browser does not say. */
export interface Room {
  /** Bytes of working memory; browsers round it, and say no more than 8 GiB. */
  readonly memory: number | undefined;
  /** Bytes that can still be kept. */
  readonly disk: number | undefined;
}

/** Addresses of WebAssembly have 32 bits. */
const WASM_BYTES = 2 ** 32;
/** Left for what a run needs beside the weights: caches, activations, an adapter and its moments. */
const BESIDE = 2 ** 28;
/** What browsers say at most. */
const MOST_SAID = 8 * 2 ** 30;

/** Why a model cannot be kept or run here; undefined where nothing speaks against it. */
export function refusalOf(card: ModelCard, download: number, room: Room): string | undefined {
  const least = card.weights.int4 + BESIDE;
  const weights = `Its weights alone take ${sizeInWords(card.weights.int4)} at their smallest (int4)`;
  if (least > WASM_BYTES) {
    return `${weights}; WebAssembly has room for ${sizeInWords(WASM_BYTES)} in all. Choose a smaller model, or run it by web-llm.`;
  }
  if (room.memory !== undefined && room.memory < MOST_SAID && least > room.memory) {
    return `${weights}, and this machine has ${sizeInWords(room.memory)} of memory. Choose a smaller model.`;
  }
  return diskRefusal(download, room);
}

/** Why so many bytes cannot be kept here. */
export function diskRefusal(bytes: number, { disk }: Room): string | undefined {
  if (disk === undefined || bytes <= disk) return undefined;
  return `The model is ${sizeInWords(bytes)}, and this browser lets the page keep ${sizeInWords(disk)} more. Delete models below, or make room on the disk.`;
}
