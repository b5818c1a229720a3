import type { AttentionShape, DeviceBuffer } from './backend.ts';

/** Attention, over packed sequences and over the KV cache. Shapes and conventions: backend.ts. */
export interface BackendAttention {
  // ---- attention over packed sequences --------------------------------------------------------
  /**
   * Per segment, query head h reads kv head floor(h / (Hq/Hkv)); scores q·k/√C; `causal` masks later keys
   * of the same segment (without it every token of a segment sees the whole segment).
   * q[T,Hq·C], k,v[T,Hkv·C], starts[S+1] → out[T,Hq·C], lse[T,Hq] (log-sum-exp of the scaled scores).
   * With `parents`[S] i32 (where `sharesPrefixes`; causal only) segments form prefix trees: segment s continues
   * segment parents[s] (−1: begins anew) and sees all tokens on its path. A parent lies before its children, and
   * the segments of a tree lie side by side. A token's result is, to the bit, that of its path laid out alone.
   */
  attention(
    q: DeviceBuffer,
    k: DeviceBuffer,
    v: DeviceBuffer,
    starts: DeviceBuffer,
    out: DeviceBuffer,
    lse: DeviceBuffer,
    T: number,
    S: number,
    shape: AttentionShape,
    causal: boolean,
    parents?: DeviceBuffer,
  ): void;
  /** dq, dk, dv "=". Recomputes probabilities from lse; never stores T×T (FlashAttention-2, Dao 2023). */
  attentionBackward(
    q: DeviceBuffer,
    k: DeviceBuffer,
    v: DeviceBuffer,
    starts: DeviceBuffer,
    out: DeviceBuffer,
    lse: DeviceBuffer,
    dout: DeviceBuffer,
    dq: DeviceBuffer,
    dk: DeviceBuffer,
    dv: DeviceBuffer,
    T: number,
    S: number,
    shape: AttentionShape,
    causal: boolean,
    parents?: DeviceBuffer,
  ): void;

  // ---- KV cache -------------------------------------------------------------------------------
  /**
   * cache[slots[n], positions[n], :] = x[n, :].  x[N,W], cache[slotCount, capacity, W].
   */
  cacheWrite(
    x: DeviceBuffer,
    slots: DeviceBuffer,
    positions: DeviceBuffer,
    cache: DeviceBuffer,
    N: number,
    W: number,
    capacity: number,
  ): void;
  /** Copies the first `length` positions of slot `from` to slot `to` (a group's shared prompt). */
  cacheCopySlot(
    cache: DeviceBuffer,
    from: number,
    to: number,
    length: number,
    W: number,
    capacity: number,
  ): void;
  /**
   * Row n attends to positions 0…positions[n] of slot slots[n] (its own key already written). Decode and
   * prefill alike: rows of many slots, and many rows of one slot, mix freely in one call.
   * q[N,Hq·C], caches [slotCount, capacity, Hkv·C] → out[N,Hq·C].
   * `origins`[slotCount, 2] i32 says where a slot begins like another (o, n): its first n positions hold the same
   * numbers as those of slot o, and may be read there, since rows that read one place read it once. No bit changes.
   */
  attentionCached(
    q: DeviceBuffer,
    keyCache: DeviceBuffer,
    valueCache: DeviceBuffer,
    slots: DeviceBuffer,
    positions: DeviceBuffer,
    out: DeviceBuffer,
    N: number,
    capacity: number,
    shape: AttentionShape,
    origins?: DeviceBuffer,
  ): void;
}
