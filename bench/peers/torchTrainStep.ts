import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { optimiser, trainTask, type TrainShape } from '../work/trainTask.ts';
import { PythonPeer } from './pythonPeer.ts';

const timed = z.object({ seconds: z.number(), loss: z.number() });

export interface TorchTrainer {
  readonly label: string;
  timeStep(): Promise<z.infer<typeof timed>>;
  close(): void;
}

/** The training step in PyTorch, in a process of its own; or why there is none. */
export async function startTorch(
  shape: TrainShape,
  threads: number,
): Promise<TorchTrainer | { readonly absent: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-torch-'));
  try {
    const { ids, weights } = trainTask(shape);
    const named = weights.map(({ name, shape: sizes, decay }) => ({ name, shape: sizes, decay }));
    await writeFile(
      join(folder, 'task.json'),
      JSON.stringify({ ...shape, optimiser, ids: [...ids], weights: named }),
    );
    await writeFile(join(folder, 'weights.bin'), Buffer.concat(weights.map(({ values }) => bytesOf(values))));
    // It has read the folder when it has said its name.
    const peer = await PythonPeer.start('torchTrainStep.py', threads, folder);
    if ('absent' in peer) return peer;
    return {
      label: peer.label,
      timeStep: () => peer.ask({ op: 'step' }, timed),
      close: () => peer.close(),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
