import type { Backend } from '../../src/engine/backend.ts';
import type { DecoderConfig } from '../../src/engine/config.ts';
import { Decoder } from '../../src/engine/decoder.ts';
import { decoderTensors } from '../../src/engine/decoderTensors.ts';
import { head } from '../../src/engine/ops/head.ts';
import { linear } from '../../src/engine/ops/linear.ts';
import { rmsnorm } from '../../src/engine/ops/rmsnorm.ts';
import { gatherRows, segmentMean } from '../../src/engine/ops/rows.ts';
import { Tape, type Value, type Weight } from '../../src/engine/ops/tape.ts';
import { packSequences, uploadBatch } from '../../src/engine/packing.ts';
import { Parameters } from '../../src/engine/parameters.ts';

export const PROJECTION = 'projection.weight';

type Tokens = ArrayLike<number>;

/**
 * The engine's decoder run as an encoder: every token sees its whole text, the tokens' vectors are averaged,
 * projected and scaled to one length. Queries and passages share it.
 */
export class SentenceEncoder {
  readonly config: DecoderConfig;
  readonly parameters: Parameters;
  private readonly backend: Backend;
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

  /**
   * InfoNCE (van den Oord et al. 2018) with in-batch negatives: −mean log softmax(cos(qᵢ, p·)/temperature)ᵢ, where
   * passage i answers query i and every other passage is wrong. Adds to the parameters' gradients.
   * @returns the loss
   */
  async contrast(
    queries: readonly Tokens[],
    passages: readonly Tokens[],
    temperature: number,
  ): Promise<number> {
    const N = queries.length;
    const tape = new Tape(this.backend, 'record');
    try {
      const rows = Int32Array.from({ length: N + passages.length }, (_, i) => i);
      const queryRows = tape.upload(rows.slice(0, N));
      const passageRows = tape.upload(rows.slice(N));
      const vectors = this.encode(tape, [...queries, ...passages]);
      const q = gatherRows(tape, vectors, queryRows);
      const p = gatherRows(tape, vectors, passageRows);
      // The passages stand where a language model has its vocabulary: the head's weight, gradient and all.
      const weight: Weight = {
        name: 'passages',
        shape: [p.rows, p.cols],
        data: p.data,
        grad: tape.gradientToAdd(p),
      };
      // Both vectors are √D long, so their product is D times the cosine.
      const { logprob } = head(tape, q, weight, queryRows, temperature * this.config.hiddenSize);
      const logprobs = await this.backend.readF32(logprob.data);
      tape.backward([{ value: logprob, gradient: new Float32Array(N).fill(-1 / N) }]);
      return -logprobs.reduce((sum, x) => sum + x, 0) / N;
    } finally {
      tape.release();
    }
  }

  /** [S, D], every row of length √D. */
  private encode(tape: Tape, texts: readonly Tokens[]): Value {
    const batch = uploadBatch(tape, packSequences(texts));
    const stream = this.decoder.forward(tape, batch, false);
    const hidden = this.decoder.hidden(tape, stream, null);
    const mean = segmentMean(tape, hidden, batch.starts);
    const projected = linear(tape, mean, this.parameters.weight(PROJECTION), null);
    return rmsnorm(tape, projected, this.ones, 1e-12);
  }
}
