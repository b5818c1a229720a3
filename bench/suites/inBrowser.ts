/** Contenders in one page of one browser. */
import type { Worker } from 'playwright-core';
import type { BenchHost } from '../browser/host.ts';
import type { DeviceLimits } from '../browser/benchWorker.ts';
import type { Row } from '../suite.ts';
import type { Device, EngineName } from '../work/engine.ts';

export interface Contestant {
  /** Its name in the worker. */
  readonly id: string;
  /** Engine, device and threads, for people. */
  readonly label: string;
}

export interface Field {
  readonly worker: Worker;
  readonly limits: DeviceLimits;
  readonly ours: Contestant;
  readonly peers: readonly Contestant[];
  /** Why other peers are not there. */
  readonly absent: readonly string[];
}

const peerNames: readonly EngineName[] = ['jax-js', 'tfjs'];

/**
 * Starts all engines on a device, in a fresh page; more than one thread needs shared memory, one is given none.
 * @returns why the device is not there, where it is not
 */
export async function openField(
  host: BenchHost,
  device: Device,
  threads: number,
  names: readonly EngineName[] = peerNames,
): Promise<Field | { readonly unavailable: string }> {
  const worker = await host.worker(threads > 1);
  const limits = await worker.evaluate(([kind, count]) => bench.limits(kind, count), [
    device,
    threads,
  ] as const);
  if ('unavailable' in limits) return limits;
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
  return { worker, limits, ours, peers, absent };
}

/** WebAssembly is everywhere. */
export async function openWasm(
  host: BenchHost,
  threads: number,
  names?: readonly EngineName[],
): Promise<Field> {
  const field = await openField(host, 'wasm', threads, names);
  if ('unavailable' in field) throw new Error(field.unavailable);
  return field;
}

/** The row of a device that is not there. */
export function unavailableRow(suite: string, unit: string, { unavailable }: { unavailable: string }): Row {
  return {
    suite,
    case: 'webgpu',
    ours: null,
    peer: null,
    peerName: 'no peer',
    ratio: null,
    unit,
    note: unavailable,
  };
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
