/**
 * The decoder of the Llama and Qwen families:
 *
 *   x = embed(ids)                                            [T, D]
 *   for each layer:  x += Wo · attention(rope(q), rope(k), v)   q,k,v from norm(x)
 *                    x += Wdown · (silu(Wgate·n) · Wup·n)       n = norm(x)
 *   logits = norm(x) · headᵀ                                  [N, V]
 *
 * T tokens, D hiddenSize, F intermediateSize, Hq heads, Hkv kvHeads, C headDim, V vocabSize. Runs over packed
 * sequences (training, scoring; `causal` false makes it an encoder) or over rows of a KV cache (generation).
 */
import type { AttentionShape, Backend, DeviceBuffer } from './backend.ts';
import type { DecoderConfig } from './config.ts';
import { layerOf, type Layer } from './decoderLayer.ts';
import type { KvCache } from './kvCache.ts';
import { attention } from './ops/attention.ts';
import { checkpointed } from './ops/checkpoint.ts';
import { embedding } from './ops/embedding.ts';
import { head, type HeadOutput } from './ops/head.ts';
import { linear } from './ops/linear.ts';
import { residual } from './ops/residual.ts';
import { rmsnorm } from './ops/rmsnorm.ts';
import { rope } from './ops/rope.ts';
import { gatherRows } from './ops/rows.ts';
import { swiglu } from './ops/swiglu.ts';
import type { Tape, Value, Weight, WeightSource } from './ops/tape.ts';
import type { DeviceBatch } from './packing.ts';
import { Parameters } from './parameters.ts';

/** Rows to run through the cache: each writes its key and value, then attends to its slot up to itself. */
export interface CacheRows {
  /** [N] token ids. */
  readonly ids: DeviceBuffer;
  /** [N] position of each token in its sequence. */
  readonly positions: DeviceBuffer;
  /** [N] cache slot of each token's sequence. */
  readonly slots: DeviceBuffer;
}

/** The rows that anybody will read after the last layer: only they go through the rest of it. */
interface Wanted {
  /** [N] i32. */
  readonly rows: DeviceBuffer;
  /** [N] their positions, where their queries alone are asked; absent: all rows ask, as `attention` needs. */
  readonly positions?: DeviceBuffer;
}

/** Rows to draw from, among those of a step through the cache. */
export interface DrawnRows extends Required<Wanted> {
  /** [N] cache slot of each. */
  readonly slots: DeviceBuffer;
}

/** How the layer's queries meet keys and values: over the packed batch, or through the cache. */
type Attend = (tape: Tape, layer: number, q: Value, k: Value, v: Value) => Value;

export interface DecoderOptions {
  /** Recording keeps a layer's input alone and runs the layer again for its gradient: less memory, a third more work. */
  readonly checkpointing?: boolean;
}

/** Weights that an adapter's factors are part of: the same with other factors, and those without it. */
interface Adapted extends WeightSource {
  readonly base: WeightSource;
  over(parameters: Parameters): WeightSource;
}

export class Decoder {
  readonly config: DecoderConfig;
  /** What is trained: all weights, or the factors of an adapter. */
  readonly parameters: Parameters;
  readonly backend: Backend;
  private readonly weights: WeightSource;
  private readonly options: DecoderOptions;
  private readonly shape: AttentionShape;
  private readonly table: Weight; // [V, D]
  private readonly layers: readonly Layer[];
  private readonly norm: Weight; // [D]
  private readonly headWeight: Weight; // [V, D], the table itself where tied

  /**
   * `weights` must hold at least the tensors of `decoderTensors(config)`; left out, the parameters themselves do.
   * With an adapter they are `LoraWeights` over the parameters, or the base alone for the model without it.
   */
  constructor(
    config: DecoderConfig,
    parameters: Parameters,
    weights: WeightSource = parameters,
    options: DecoderOptions = {},
  ) {
    this.config = config;
    this.parameters = parameters;
    this.backend = parameters.backend;
    this.weights = weights;
    this.options = options;
    this.shape = { heads: config.heads, kvHeads: config.kvHeads, headDim: config.headDim };
    this.table = weights.weight('model.embed_tokens.weight');
    this.norm = weights.weight('model.norm.weight');
    this.headWeight = config.tieWordEmbeddings ? this.table : weights.weight('lm_head.weight');
    this.layers = Array.from({ length: config.layers }, (_, i) => layerOf(config, weights, i));
  }

  /** The same model with parameters of its own, equal to these as they are now. Dispose them after use. */
  copy(): Decoder {
    const { config, weights, options } = this;
    const parameters = this.parameters.copy();
    if (weights === this.parameters) return new Decoder(config, parameters, parameters, options);
    return new Decoder(config, parameters, isAdapted(weights) ? weights.over(parameters) : weights, options);
  }

  /**
   * The model that training leaves as it is: without its adapter (the weights are shared, no copy is made), or, where
   * all weights are trained, a copy of it as it is now. Dispose its parameters after use.
   */
  reference(): Decoder {
    const { config, backend, weights, options } = this;
    if (!isAdapted(weights)) return this.copy();
    return new Decoder(config, new Parameters(backend, []), weights.base, options);
  }

  /**
   * Packed batch → residual stream after the last layer, before the final norm, [T,D]; with `rows` [N] i32 that of
   * these rows alone, [N,D]: past its attention the last layer computes no others.
   */
  forward(tape: Tape, batch: DeviceBatch, causal = true, rows: DeviceBuffer | null = null): Value {
    const attend: Attend = (tape, _layer, q, k, v) =>
      attention(tape, q, k, v, batch.starts, this.shape, causal, batch.parents);
    return this.run(tape, batch.ids, batch.positions, attend, rows && { rows });
  }

  /**
   * Rows of a KV cache → residual stream before the final norm, [N,D]; with `drawn` that of these rows alone. For
   * tapes that do not record.
   */
  forwardCached(tape: Tape, rows: CacheRows, cache: KvCache, drawn: DrawnRows | null = null): Value {
    const { backend, shape } = this;
    const width = shape.kvHeads * shape.headDim;
    const attend: Attend = (tape, layer, q, k, v) => {
      const keys = cache.keys(layer);
      const values = cache.values(layer);
      const asking = drawn !== null && this.isLast(layer) ? drawn : rows;
      backend.cacheWrite(k.data, rows.slots, rows.positions, keys, k.rows, width, cache.capacity);
      backend.cacheWrite(v.data, rows.slots, rows.positions, values, v.rows, width, cache.capacity);
      const out = tape.value(q.rows, q.cols);
      backend.attentionCached(
        q.data,
        keys,
        values,
        asking.slots,
        asking.positions,
        out.data,
        q.rows,
        cache.capacity,
        shape,
        cache.origins,
      );
      return out;
    };
    return this.run(tape, rows.ids, rows.positions, attend, drawn);
  }

  /** Selected rows of the stream through the final norm → [N,D]. `rows` [N] i32 distinct; null keeps all. */
  hidden(tape: Tape, stream: Value, rows: DeviceBuffer | null): Value {
    const selected = rows === null ? stream : gatherRows(tape, stream, rows);
    const normed = rmsnorm(tape, selected, this.norm, this.config.normEps);
    if (selected !== stream) tape.drop(selected);
    return normed;
  }

  /** Selected rows of the stream → logits [N,V]. */
  logits(tape: Tape, stream: Value, rows: DeviceBuffer | null): Value {
    const hidden = this.hidden(tape, stream, rows);
    const logits = linear(tape, hidden, this.headWeight, null);
    tape.drop(hidden);
    return logits;
  }

  /** Selected rows of the stream → log-probability of targets [N] i32 and entropy, at a temperature. */
  score(
    tape: Tape,
    stream: Value,
    rows: DeviceBuffer | null,
    targets: DeviceBuffer,
    temperature: number,
  ): HeadOutput {
    const hidden = this.hidden(tape, stream, rows);
    const scores = head(tape, hidden, this.headWeight, targets, temperature);
    tape.drop(hidden);
    return scores;
  }

  private run(
    tape: Tape,
    ids: DeviceBuffer,
    positions: DeviceBuffer,
    attend: Attend,
    wanted: Wanted | null,
  ): Value {
    let x = embedding(tape, ids, this.table);
    for (let i = 0; i < this.layers.length; i++) {
      const run = (tape: Tape, x: Value): Value =>
        this.layer(tape, i, x, positions, attend, this.isLast(i) ? wanted : null);
      x = this.options.checkpointing === true ? checkpointed(tape, x, run) : run(tape, x);
    }
    return x;
  }

  private isLast(layer: number): boolean {
    return layer === this.layers.length - 1;
  }

  /** The one description of a layer: x [T,D] → [T,D], or [N,D] for the rows wanted. */
  private layer(
    tape: Tape,
    index: number,
    x: Value,
    positions: DeviceBuffer,
    attend: Attend,
    wanted: Wanted | null,
  ): Value {
    const layer = this.layers[index];
    if (layer === undefined) return x;
    const { headDim, ropeTheta, ropeScaling, normEps } = this.config;

    const n = rmsnorm(tape, x, layer.inputNorm, normEps); // [T, D]
    let k = linear(tape, n, layer.k, layer.kBias); // [T, Hkv·C]
    const v = linear(tape, n, layer.v, layer.vBias); // [T, Hkv·C]
    const asking = wanted?.positions === undefined ? n : takeRows(tape, n, wanted.rows);
    let q = linear(tape, asking, layer.q, layer.qBias); // [T, Hq·C]
    tape.drop(asking);
    if (layer.qNorm !== null) q = normHeads(tape, q, layer.qNorm, normEps);
    if (layer.kNorm !== null) k = normHeads(tape, k, layer.kNorm, normEps);
    q = rope(tape, q, wanted?.positions ?? positions, headDim, ropeTheta, ropeScaling);
    k = rope(tape, k, positions, headDim, ropeTheta, ropeScaling);
    let mixed = attend(tape, index, q, k, v); // [T, Hq·C]
    tape.drop(q, k, v);
    if (wanted !== null && wanted.positions === undefined) mixed = takeRows(tape, mixed, wanted.rows);
    const stream = wanted === null ? x : takeRows(tape, x, wanted.rows);
    const attended = linear(tape, mixed, layer.o, layer.oBias); // [T, D]
    tape.drop(mixed);
    const middle = residual(tape, stream, attended); // [T, D]

    const m = rmsnorm(tape, middle, layer.mlpNorm, normEps); // [T, D]
    const gate = linear(tape, m, layer.gate, null); // [T, F]
    const up = linear(tape, m, layer.up, null); // [T, F]
    tape.drop(m);
    const gated = swiglu(tape, gate, up); // [T, F]
    tape.drop(gate, up);
    const down = linear(tape, gated, layer.down, null); // [T, D]
    tape.drop(gated);
    return residual(tape, middle, down); // [T, D]
  }
}

/** Some rows of a value that nobody reads any more. */
function takeRows(tape: Tape, x: Value, rows: DeviceBuffer): Value {
  const taken = gatherRows(tape, x, rows);
  tape.drop(x);
  return taken;
}

function normHeads(tape: Tape, x: Value, weight: Weight, eps: number): Value {
  const normed = rmsnorm(tape, x, weight, eps);
  tape.drop(x);
  return normed;
}

function isAdapted(weights: WeightSource): weights is Adapted {
  return 'over' in weights;
}
