/**
 * Asks for the WebGPU device, with every limit the kernels care about raised to what the adapter has.
 */

import { EngineError } from '../backend.ts';
import { probeSubgroups } from './subgroupProbe.ts';

/** Thrown when this machine or browser offers no WebGPU; the message is for people. */
export class WebgpuUnavailableError extends EngineError {
  override name = 'WebgpuUnavailableError';
}

export interface DeviceLoss {
  readonly reason: string;
  readonly message: string;
}

export interface WebgpuDevice {
  /** To be held as long as the device: Dawn in Node tears everything down when its entry point is collected. */
  readonly gpu: GPU;
  readonly device: GPUDevice;
  /** The adapter's name, for people. */
  readonly label: string;
  /** Vendor, architecture, device and description: what tells adapters apart. */
  readonly adapter: string;
  /** True when the adapter computes on the CPU (SwiftShader and the like). */
  readonly software: boolean;
  /** Quad operations work as the kernels need them; see subgroupProbe.ts. */
  readonly quads: boolean;
  /** Subgroups are runs of consecutive invocations, of whatever size. */
  readonly subgroups: boolean;
  /** Resolves when the device is lost or destroyed; never rejects. */
  readonly lost: Promise<DeviceLoss>;
}

const RAISED_LIMITS = [
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupsPerDimension',
] as const;

/**
 * Requests adapter and device from `gpu`, or from `navigator.gpu` when `gpu` is undefined.
 * `subgroups` false leaves that feature unused.
 * Throws `WebgpuUnavailableError` when there is no WebGPU, no adapter or no device.
 */
export async function requestWebgpuDevice(gpu?: GPU, subgroups = true): Promise<WebgpuDevice> {
  const api = gpu ?? navigatorGpu();
  if (!api) {
    throw new WebgpuUnavailableError(
      'WebGPU is not available here: navigator.gpu is missing. Use a current Chrome, Edge, Safari or Firefox ' +
        'over https or localhost, or choose the WebAssembly backend.',
    );
  }
  const adapter = await api.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new WebgpuUnavailableError(
      'WebGPU found no graphics adapter. Graphics acceleration may be switched off or the driver blocked; ' +
        'switch it on in the browser settings, or choose the WebAssembly backend.',
    );
  }
  const requiredLimits: Record<string, number> = {};
  for (const name of RAISED_LIMITS) requiredLimits[name] = adapter.limits[name];
  let device: GPUDevice;
  try {
    const requiredFeatures: GPUFeatureName[] =
      subgroups && adapter.features.has('subgroups') ? ['subgroups'] : [];
    device = await adapter.requestDevice({ label: 'engine', requiredLimits, requiredFeatures });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new WebgpuUnavailableError(`WebGPU gave an adapter but no device: ${detail}`);
  }
  const found = device.features.has('subgroups') ? await probeSubgroups(device) : null;
  return {
    gpu: api,
    device,
    label: adapterLabel(adapter.info),
    adapter: [
      adapter.info.vendor,
      adapter.info.architecture,
      adapter.info.device,
      adapter.info.description,
    ].join('/'),
    software: isSoftware(adapter.info),
    quads: found?.quads ?? false,
    subgroups: found?.consecutive ?? false,
    lost: device.lost.then((info) => ({ reason: info.reason, message: info.message })),
  };
}

/** `navigator` has no `gpu` in an insecure page, in old browsers and in Node. */
function navigatorGpu(): GPU | undefined {
  const scope: { readonly navigator?: { readonly gpu?: GPU } } = globalThis;
  return scope.navigator?.gpu;
}

function adapterLabel(info: GPUAdapterInfo): string {
  if (info.description) return info.description;
  const parts = [info.vendor, info.architecture, info.device].filter(Boolean);
  return parts.length > 0 ? `WebGPU, ${parts.join(' ')}` : 'WebGPU adapter';
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(adapterLabel(info));
}
