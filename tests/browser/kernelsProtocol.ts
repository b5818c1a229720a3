/**
 * The backends of the kernel checks in a browser. `webgpuGpu` and `webgpuPlain` choose kernels as for a graphics
 * card, with and without subgroups, whatever the adapter.
 */
export type BrowserBackend = 'webgpu' | 'webgpuGpu' | 'webgpuPlain' | 'wasm1' | 'wasm2';

/** To the worker: make a backend, run one case on it, or one of the checks that hold WebGPU's kernels to each other. */
export type KernelsRequest =
  | { readonly id: number; readonly type: 'start'; readonly backend: BrowserBackend }
  | { readonly id: number; readonly type: 'run'; readonly name: string }
  | { readonly id: number; readonly type: 'twins'; readonly name: string };

/** From the worker. `unavailable` is set where the browser has no WebGPU adapter. */
export interface KernelsResponse {
  readonly id: number;
  readonly ok: boolean;
  /** The backend's label, or what went wrong. */
  readonly message: string;
  readonly unavailable?: boolean;
}

/** What the page offers to the test that drives it. */
export interface KernelsPage {
  start(backend: BrowserBackend): Promise<KernelsResponse>;
  run(name: string): Promise<KernelsResponse>;
  twins(name: string): Promise<KernelsResponse>;
}
