import * as reference from '../reference/head.ts';
import { expectSameBits, kernelCase, plus, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

interface Size {
  readonly N: number;
  readonly D: number;
  readonly V: number;
  readonly scale: number;
  /** Standard deviation of the hidden states; large ones make one token take all. */
  readonly spread?: number;
}

function headCase({ N, D, V, scale, spread = 1 }: Size): KernelCase {
  const title = `head and backward N=${N} D=${D} V=${V} scale=${scale} h·${spread}`;
  return kernelCase(title, async (kit) => {
    const numbers = new Numbers(N + D + V);
    const h = numbers.normal(N * D, spread);
    const w = numbers.normal(V * D, 1 / Math.sqrt(D));
    const targets = numbers.integers(N, V);
    targets[0] = V - 1;
    targets[N - 1] = 0;
    const gLogprob = numbers.normal(N);
    const gEntropy = numbers.normal(N);
    const initialW = numbers.normal(V * D);
    const want = reference.head(h, w, targets, N, D, V, scale);

    const hBuffer = kit.f32(h);
    const wBuffer = kit.f32(w);
    const targetBuffer = kit.i32(targets);
    const [logprob, entropy, lse] = [kit.output(N), kit.output(N), kit.output(N)];
    kit.backend.head(hBuffer, wBuffer, targetBuffer, logprob, entropy, lse, N, D, V, scale);
    // logprob and entropy are differences of numbers as large as the logits: that is what float32 rounds.
    const logitSize = Math.max(1, 3 * scale * spread);
    await kit.expectClose('logprob', logprob, want.logprob, { magnitude: logitSize });
    await kit.expectClose('entropy', entropy, want.entropy, { magnitude: logitSize });
    await kit.expectClose('lse', lse, want.lse, { magnitude: logitSize });

    const wantBack = reference.headBackward(
      h,
      w,
      targets,
      want.entropy,
      want.lse,
      gLogprob,
      gEntropy,
      N,
      D,
      V,
      scale,
    );
    const dh = kit.output(N * D);
    const dw = kit.state(initialW);
    kit.backend.headBackward(
      hBuffer,
      wBuffer,
      targetBuffer,
      entropy,
      lse,
      kit.f32(gLogprob),
      kit.f32(gEntropy),
      dh,
      dw,
      N,
      D,
      V,
      scale,
    );
    const limits = { tolerance: 2e-5 * logitSize, magnitude: scale };
    await kit.expectClose('dh', dh, wantBack.dh, limits);
    await kit.expectClose('dw', dw, plus(initialW, wantBack.dw), limits);

    if (kit.backend.keepsLogits?.(N, V) !== true) return;
    const kept = kit.output(N * V);
    const [again, entropyAgain, lseAgain] = [kit.output(N), kit.output(N), kit.output(N)];
    kit.backend.head(hBuffer, wBuffer, targetBuffer, again, entropyAgain, lseAgain, N, D, V, scale, kept);
    for (const [name, first, second] of [
      ['logprob', logprob, again],
      ['entropy', entropy, entropyAgain],
      ['lse', lse, lseAgain],
    ] as const) {
      expectSameBits(
        `${name}, logits kept`,
        await kit.backend.readF32(second),
        await kit.backend.readF32(first),
      );
    }
    const dhAgain = kit.output(N * D);
    const dwAgain = kit.state(initialW);
    kit.backend.headBackward(
      hBuffer,
      wBuffer,
      targetBuffer,
      entropy,
      lse,
      kit.f32(gLogprob),
      kit.f32(gEntropy),
      dhAgain,
      dwAgain,
      N,
      D,
      V,
      scale,
      kept,
    );
    await kit.expectClose('dh, logits kept', dhAgain, wantBack.dh, limits);
    await kit.expectClose('dw, logits kept', dwAgain, plus(initialW, wantBack.dw), limits);
  });
}

const SIZES: readonly Size[] = [
  { N: 1, D: 1, V: 1, scale: 1 },
  { N: 1, D: 33, V: 7, scale: 1 },
  { N: 5, D: 3, V: 65, scale: 1.25 },
  { N: 17, D: 64, V: 129, scale: 1 },
  { N: 33, D: 65, V: 1025, scale: 0.7 },
  { N: 131, D: 8, V: 520, scale: 0.8 },
  { N: 3, D: 40, V: 5003, scale: 1 },
  { N: 129, D: 5, V: 33, scale: 1 },
  { N: 7, D: 32, V: 257, scale: 1, spread: 30 },
  // Larger than any one chunk of the vocabulary, and than WebGPU's 65535 workgroups.
  { N: 5, D: 8, V: 20011, scale: 1 },
  { N: 2, D: 2, V: 70001, scale: 2 },
];

export const headCases: readonly KernelCase[] = SIZES.map(headCase);
