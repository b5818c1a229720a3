/** The whole-model checks on WebGPU, for the test that drives this page. */
import type { Backend } from '../../src/engine/backend.ts';
import { createWebgpuBackend } from '../../src/engine/webgpu/webgpuBackend.ts';
import { checkGeneration } from '../unit/engine/generationModel.ts';
import { measureUpdate, shapes } from '../unit/lab/estimateCheck.ts';
import { checkGolden } from './check.ts';
import { checkLora, checkQuantisedLora } from './loraCheck.ts';

declare global {
  interface Window {
    modelChecks: {
      /** Makes the backend; its label, or null where there is no adapter. */
      start(): Promise<string | null>;
      /** Runs the check of a golden model, 'generation', 'memory', 'lora MODEL' or 'quantised MODEL'; throws what is off. */
      run(name: string): Promise<void>;
    };
  }
}

let backend: Backend | null = null;

async function fetchBytes(file: string): Promise<Uint8Array> {
  const response = await fetch(`data/${file}`);
  // Vite answers with its page where a file is missing.
  const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
  if (!response.ok || isPage) throw new Error(`${file}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Every setting with a backend of its own, which has held nothing before. */
async function checkMemory(): Promise<void> {
  for (const [name, shape] of Object.entries(shapes)) {
    const own = await createWebgpuBackend();
    try {
      // A processor in the place of an adapter is slow: as few and as short rollouts as make a group.
      const short = { questions: 1, groupSize: 2, maxTokens: 8 };
      const { expected, measured } = await measureUpdate(own, { ...shape, ...short });
      if (Math.abs(expected / measured - 1) < 0.15) continue;
      throw new Error(`${name}: ${expected} bytes expected, ${measured} held at most`);
    } finally {
      own.dispose();
    }
  }
}

window.modelChecks = {
  async start() {
    if (!(await navigator.gpu?.requestAdapter())) return null;
    backend = await createWebgpuBackend();
    return backend.label;
  },
  async run(name) {
    if (backend === null) throw new Error('no backend was started');
    if (name === 'generation') return checkGeneration(backend);
    if (name === 'memory') return checkMemory();
    const [what, model] = name.split(' ');
    if (model !== undefined) {
      const read = (file: string): Promise<Uint8Array> => fetchBytes(`hf/${model}/${file}`);
      return what === 'lora' ? checkLora(backend, model, read) : checkQuantisedLora(backend, read);
    }
    const json: unknown = JSON.parse(new TextDecoder().decode(await fetchBytes(`${name}.json`)));
    const weights = await fetchBytes(`${name}.weights.safetensors`);
    await checkGolden(backend, {
      name,
      json,
      weights,
      expected: await fetchBytes(`${name}.expected.safetensors`),
    });
  },
};
