import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-web/wasm';
import * as wasm from 'onnxruntime-web/wasm';
import type { EmbedderFiles } from './embedderFiles.ts';

/** What runs a network. `auto`: WebGPU where that is likely to be faster, else WebAssembly. */
export type Provider = 'wasm' | 'webgpu';
export const providerChoices = ['auto', 'wasm', 'webgpu'] as const satisfies readonly (Provider | 'auto')[];
export type ProviderChoice = (typeof providerChoices)[number];

export interface OpenSession {
  readonly session: InferenceSession;
  readonly provider: Provider;
  /** What was chosen and why, where it is not plainly what was asked for. */
  readonly notices: readonly string[];
  readonly intTensor: (type: 'int32' | 'int64', data: Int32Array, shape: readonly number[]) => Tensor;
}

type Runtime = Pick<typeof wasm, 'InferenceSession' | 'Tensor' | 'env'>;

/** Bytes of a network below which calling a GPU costs more than it saves. */
const LEAST_FOR_WEBGPU = 8e6;

/**
 * Opens a network on the wanted provider, or on WebAssembly where WebGPU cannot be had; then a notice says why.
 * onnxruntime's WebGPU comes with a runtime of its own, which is fetched only when it is to be used.
 * @throws naming the model, where onnxruntime cannot open it at all
 */
export async function openSession(
  files: EmbedderFiles,
  wanted: ProviderChoice,
  threads: number,
): Promise<OpenSession> {
  const { name, model } = files;
  const notices: string[] = [];
  const against = wanted === 'wasm' ? '' : await reasonAgainst(model, wanted);
  if (against === undefined) {
    try {
      const webgpu = await import('onnxruntime-web/webgpu');
      const opened = await open(webgpu, model, 'webgpu', threads);
      await tryOut(opened);
      return { ...opened, notices };
    } catch (error) {
      notices.push(
        `"${name}" runs on WebAssembly: onnxruntime could not run it on WebGPU (${reasonOf(error)}).`,
      );
    }
  } else if (wanted === 'webgpu') notices.push(`"${name}" runs on WebAssembly: ${against}`);
  try {
    return { ...(await open(wasm, model, 'wasm', threads)), notices };
  } catch (error) {
    throw new Error(`Embedding model "${name}": onnxruntime cannot open the ONNX file. ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function open(
  runtime: Runtime,
  model: Uint8Array,
  provider: Provider,
  threads: number,
): Promise<Omit<OpenSession, 'notices'>> {
  runtime.env.wasm.numThreads = threads;
  const session = await runtime.InferenceSession.create(model, {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const intTensor: OpenSession['intTensor'] = (type, data, shape): TypedTensor<'int32' | 'int64'> =>
    type === 'int32'
      ? new runtime.Tensor('int32', data, shape)
      : new runtime.Tensor('int64', BigInt64Array.from(data, BigInt), shape);
  return { session, provider, intTensor };
}

/** Some networks open on WebGPU, and fail when they are run: two tokens show that. Closes the session then. */
async function tryOut({ session, intTensor }: Omit<OpenSession, 'notices'>): Promise<void> {
  try {
    const feeds = session.inputMetadata.map(
      (input) =>
        [
          input.name,
          intTensor(
            input.isTensor && input.type === 'int32' ? 'int32' : 'int64',
            Int32Array.of(1, 1),
            [1, 2],
          ),
        ] as const,
    );
    await session.run(Object.fromEntries(feeds));
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Why WebGPU is not to be tried; undefined where nothing speaks against it. */
async function reasonAgainst(model: Uint8Array, wanted: 'auto' | 'webgpu'): Promise<string | undefined> {
  const gpu = typeof navigator === 'undefined' ? undefined : (navigator as { readonly gpu?: GPU }).gpu;
  if (gpu === undefined) return 'this browser has no WebGPU.';
  if (wanted === 'auto' && model.length < LEAST_FOR_WEBGPU) return 'it is small.';
  // Its products of 8-bit numbers would be computed on the processor all the same, and copied there and back.
  if (contains(model, 'MatMulInteger')) {
    return 'its network is quantised to 8 bits, which onnxruntime computes only there. Take it in full precision.';
  }
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (adapter === null) return 'this browser gives no WebGPU adapter.';
  if (wanted === 'auto' && isSoftware(adapter.info)) return 'WebGPU here computes on the processor.';
  return undefined;
}

const isSoftware = ({ vendor, architecture, description, isFallbackAdapter }: GPUAdapterInfo): boolean =>
  isFallbackAdapter ||
  /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(`${vendor} ${architecture} ${description}`);

/** Whether ASCII text stands somewhere in bytes. */
function contains(bytes: Uint8Array, text: string): boolean {
  const wanted = new TextEncoder().encode(text);
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
