import type { Backend } from './backend.ts';
import type { DecoderConfig } from './config.ts';
import { Decoder, decoderTensors } from './decoder.ts';
import { linear } from './ops/linear.ts';
import { rmsnorm } from './ops/rmsnorm.ts';
import { segmentMean } from './ops/rows.ts';
import { Tape, type Value, type Weight } from './ops/tape.ts';
import { packSequences, uploadBatch } from './packing.ts';
import { Parameters } from './parameters.ts';

export const PROJECTION = 'projection.weight';

/** A text as token ids, at least one. */
export type Tokens = ArrayLike<number>;

/**
 * The engine's decoder run as an encoder: every token sees its whole text, the tokens' vectors are averaged,
 * projected and scaled to one length. Queries and passages share it.
 */
export class SentenceEncoder {
  readonly config: DecoderConfig;
  readonly parameters: Parameters;
  readonly backend: Backend;
  private readonly decoder: Decoder;
  /** A frozen gain of 1: rmsnorm then only scales a row to length √D. */
  private readonly ones: Weight;

  constructor(backend: Backend, config: DecoderConfig) {
    const D = config.hiddenSize;
    this.config = config;
    this.backend = backend;
    this.parameters = new Parameters(backend, [
      ...decoderTensors(config),
      { name: PROJECTION, shape: [D, D], decay: true, init: { normal: 1 / Math.sqrt(D) } },
    ]);
    this.decoder = new Decoder(config, this.parameters);
    this.ones = { name: 'ones', shape: [D], data: backend.zeros(D), grad: null };
    backend.fill(this.ones.data, 1);
  }

  /** Unit vectors, flat [texts, D]; each text holds at least one token. */
  async embed(texts: readonly Tokens[]): Promise<Float32Array> {
    const tape = new Tape(this.backend, 'infer');
    try {
      const vectors = await this.backend.readF32(this.encode(tape, texts).data);
      const length = Math.sqrt(this.config.hiddenSize);
      return vectors.map((x) => x / length);
    } finally {
      tape.release();
    }
  }

  /** [S, D], every row of length √D. */
  encode(tape: Tape, texts: readonly Tokens[]): Value {
    const batch = uploadBatch(tape, packSequences(texts));
    const stream = this.decoder.forward(tape, batch, false);
    const hidden = this.decoder.hidden(tape, stream, null);
    const mean = segmentMean(tape, hidden, batch.starts);
    const projected = linear(tape, mean, this.parameters.weight(PROJECTION), null);
    return rmsnorm(tape, projected, this.ones, 1e-12);
  }
}
