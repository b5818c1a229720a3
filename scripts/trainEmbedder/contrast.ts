import { head } from '../../src/engine/ops/head.ts';
import { gatherRows } from '../../src/engine/ops/rows.ts';
import { Tape, type Weight } from '../../src/engine/ops/tape.ts';
import type { SentenceEncoder, Tokens } from '../../src/engine/sentenceEncoder.ts';

/**
 * InfoNCE (van den Oord et al. 2018) with in-batch negatives: −mean log softmax(cos(qᵢ, p·)/temperature)ᵢ, where
 * passage i answers query i and every other passage is wrong. Adds to the gradients of the encoder's parameters.
 * @returns the loss
 */
export async function contrast(
  encoder: SentenceEncoder,
  queries: readonly Tokens[],
  passages: readonly Tokens[],
  temperature: number,
): Promise<number> {
  const { backend, config } = encoder;
  const N = queries.length;
  const tape = new Tape(backend, 'record');
  try {
    const rows = Int32Array.from({ length: N + passages.length }, (_, i) => i);
    const queryRows = tape.upload(rows.slice(0, N));
    const passageRows = tape.upload(rows.slice(N));
    const vectors = encoder.encode(tape, [...queries, ...passages]);
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
    const { logprob } = head(tape, q, weight, queryRows, temperature * config.hiddenSize);
    const logprobs = await backend.readF32(logprob.data);
    tape.backward([{ value: logprob, gradient: new Float32Array(N).fill(-1 / N) }]);
    return -logprobs.reduce((sum, x) => sum + x, 0) / N;
  } finally {
    tape.release();
  }
}
