/** Contenders in one page of one browser. */
import type { Worker } from 'playwright-core';
import type { BenchHost } from '../browser/host.ts';
import type { Limits } from '../limits/limits.ts';
import type { Device, EngineName } from '../work/engine.ts';

export interface Contestant {
  /** Its name in the worker. */
  readonly id: string;
  /** Engine, device and threads, for people. */
  readonly label: string;
}

export interface Field {
  readonly worker: Worker;
  readonly limits: Limits;
  readonly ours: Contestant;
  readonly peers: readonly Contestant[];
  /** Why other peers are not there. */
  readonly absent: readonly string[];
  /** WebGPU on an adapter that computes on the CPU. */
  readonly software: boolean;
  /** The adapter's name. */
  readonly adapter: string;
}

const peerNames: readonly EngineName[] = ['jax-js', 'tfjs'];

/** Starts all engines on a device, in a fresh page; more than one thread needs shared memory, one is given none. */
export async function openField(
  host: BenchHost,
  device: Device,
  threads: number,
  names: readonly EngineName[] = peerNames,
): Promise<Field> {
  const worker = await host.worker(threads > 1);
  const { label, software, ...limits } = await worker.evaluate(([kind, count]) => bench.limits(kind, count), [
    device,
    threads,
  ] as const);
  const open = async (name: EngineName): Promise<Contestant> => ({
    id: name,
    label: await worker.evaluate(([engine, kind, count]) => bench.open(engine, engine, kind, count), [
      name,
      device,
      threads,
    ] as const),
  });
  const ours = await open('ours');
  const peers: Contestant[] = [];
  const absent: string[] = [];
  for (const name of names) {
    try {
      peers.push(await open(name));
    } catch (error) {
      absent.push(`${name} did not start: ${firstLine(error)}`);
    }
  }
  return { worker, limits, ours, peers, absent, software: software ?? false, adapter: label ?? '' };
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
