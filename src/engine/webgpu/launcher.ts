/**
 * Checks a kernel's arguments and puts it in the command stream.
 */

import { EngineError } from '../backend.ts';
import type { DeviceBuffer } from '../backend.ts';
import type { CommandStream } from './commandStream.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import type { Kernel } from './kernel.ts';
import type { BufferWindow } from './pipelines.ts';

/** A buffer as the caller of an operation knows it, and how many elements the operation touches. */
export type Argument = readonly [name: string, buffer: DeviceBuffer, length: number];

export interface Grid {
  /** Workgroups, of which the kernel sees `linearGroup`. */
  readonly groups: number;
  /** Runs of the grid: heads, or parts of a sum; the kernel sees `group.z`. */
  readonly heads?: number;
  /** Estimated floating-point operations, for the watchdog. */
  readonly flops?: number;
}

export class Launcher {
  private readonly memory: DeviceMemory;
  private readonly stream: CommandStream;
  private readonly maxGroups: number;

  constructor(device: GPUDevice, memory: DeviceMemory, stream: CommandStream) {
    this.memory = memory;
    this.stream = stream;
    this.maxGroups = device.limits.maxComputeWorkgroupsPerDimension;
  }

  /** Work that one dispatch should not exceed, so that a submit stays short. */
  get maxFlops(): number {
    return this.stream.maxFlops;
  }

  /** `args` in the order of the kernel's bindings, `params` in the order of its params. */
  run(op: string, kernel: Kernel, args: readonly Argument[], params: readonly number[], grid: Grid): void {
    this.memory.check();
    const windows = kernel.bindings.map((binding, index) => {
      const arg = args[index];
      if (!arg) throw new EngineError(`${op}: kernel ${kernel.name} lacks an argument for ${binding.name}.`);
      const [name, buffer, length] = arg;
      return this.memory.window(op, name, buffer, binding.type === 'vec4f' ? 'f32' : binding.type, length);
    });
    const { groups, heads = 1, flops = 0 } = grid;
    if (groups === 0 || heads === 0) return;
    const shared = this.mixesAccess(op, kernel, windows, args);
    const y = Math.ceil(groups / this.maxGroups);
    this.stream.dispatch(kernel, shared, windows, params, [Math.ceil(groups / y), y, heads], flops);
  }

  /** Runs a kernel made by `forEachElement`: its first parameter is n. */
  elements(op: string, kernel: Kernel, args: readonly Argument[], n: number, ...params: number[]): void {
    this.run(op, kernel, args, [n, ...params], { groups: Math.ceil(n / 256) });
  }

  /**
   * True when one GPU buffer is bound both for reading and for writing. Throws when a written window overlaps
   * another one, which WebGPU forbids; in the mixed case it sees every window as written.
   */
  private mixesAccess(
    op: string,
    kernel: Kernel,
    windows: readonly BufferWindow[],
    args: readonly Argument[],
  ): boolean {
    const writes = kernel.bindings.map(({ access }) => access === 'read_write');
    const mixed = windows.some((a, i) =>
      windows.some((b, j) => a.pooled === b.pooled && writes[i] && !writes[j]),
    );
    windows.forEach((a, i) => {
      for (let j = i + 1; j < windows.length; j++) {
        const b = windows[j];
        if (!b || a.pooled !== b.pooled || !(mixed || writes[i] || writes[j])) continue;
        if (a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength) {
          throw new EngineError(`${op}: ${args[i]?.[0]} and ${args[j]?.[0]} overlap in one buffer.`);
        }
      }
    });
    return mixed;
  }
}
