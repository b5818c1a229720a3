import type { AttentionShape, DeviceBuffer } from '../backend.ts';
import type { Tape, Value } from './tape.ts';
import { checkWidth } from './shapes.ts';

/**
 * Grouped-query attention within the segments of a packed batch. q[T,Hq·C], k,v[T,Hkv·C], starts[S+1] → [T,Hq·C].
 * Without `causal` every token sees its whole segment (encoders). `parents`[S]: the segments are a prefix tree.
 */
export function attention(
  tape: Tape,
  q: Value,
  k: Value,
  v: Value,
  starts: DeviceBuffer,
  shape: AttentionShape,
  causal: boolean,
  parents?: DeviceBuffer,
): Value {
  checkWidth('attention queries', q.cols, shape.heads * shape.headDim);
  checkWidth('attention keys', k.cols, shape.kvHeads * shape.headDim);
  checkWidth('attention values', v.cols, shape.kvHeads * shape.headDim);
  const { backend } = tape;
  const T = q.rows;
  const S = starts.length - 1;
  const out = tape.value(T, q.cols);
  const lse = tape.alloc(T * shape.heads);
  backend.attention(q.data, k.data, v.data, starts, out.data, lse, T, S, shape, causal, parents);
  if (!tape.recording) {
    tape.free(lse);
    return out;
  }
  tape.push([out], [lse], () => {
    const dout = tape.gradientOf(out);
    tape.overwriteGradients([q, k, v], ([dq, dk, dv]) => {
      if (dq === undefined || dk === undefined || dv === undefined) return;
      backend.attentionBackward(
        q.data,
        k.data,
        v.data,
        starts,
        out.data,
        lse,
        dout,
        dq,
        dk,
        dv,
        T,
        S,
        shape,
        causal,
        parents,
      );
    });
  });
  return out;
}
