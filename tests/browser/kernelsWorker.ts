import type { Backend } from '../../src/engine/backend.ts';
import { allCases } from '../kernels/cases/allCases.ts';
import { twinChecks } from '../kernels/cases/webgpuTwins.ts';
import type { BrowserBackend, KernelsRequest, KernelsResponse } from './kernelsProtocol.ts';

let backend: Backend | null = null;

async function makeBackend(name: BrowserBackend): Promise<Backend> {
  if (name.startsWith('webgpu')) {
    const { createWebgpuBackend } = await import('../../src/engine/webgpu/webgpuBackend.ts');
    if (name === 'webgpu') return createWebgpuBackend();
    return createWebgpuBackend({ kernelsFor: 'gpu', subgroups: name === 'webgpuGpu' });
  }
  const { browserHost } = await import('../../src/engine/wasm/browserHost.ts');
  const { createWasmBackend } = await import('../../src/engine/wasm/wasmBackend.ts');
  return createWasmBackend({ host: browserHost, threads: name === 'wasm1' ? 1 : 2 });
}

async function answer(request: KernelsRequest): Promise<KernelsResponse> {
  const { id } = request;
  if (request.type === 'start') {
    if (request.backend.startsWith('webgpu') && !(await adapterName())) {
      return { id, ok: false, unavailable: true, message: 'this browser offers no WebGPU adapter' };
    }
    backend?.dispose();
    backend = await makeBackend(request.backend);
    return { id, ok: true, message: backend.label };
  }
  if (request.type === 'twins') {
    const { createWebgpuBackend } = await import('../../src/engine/webgpu/webgpuBackend.ts');
    const check = twinChecks.find(({ name }) => name === request.name);
    if (!check) throw new Error(`no check "${request.name}"`);
    await check.run(createWebgpuBackend, navigator.gpu);
    return { id, ok: true, message: '' };
  }
  const found = allCases.find(({ name }) => name === request.name);
  if (!found || !backend) throw new Error(backend ? `no case "${request.name}"` : 'no backend was started');
  await found.run(backend);
  return { id, ok: true, message: '' };
}

async function adapterName(): Promise<boolean> {
  return Boolean(await navigator.gpu?.requestAdapter());
}

onmessage = async ({ data }: MessageEvent<KernelsRequest>) => {
  let response: KernelsResponse;
  try {
    response = await answer(data);
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    response = { id: data.id, ok: false, message };
  }
  postMessage(response);
};
