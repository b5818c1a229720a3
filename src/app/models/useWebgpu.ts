import { useEffect, useState } from 'react';

/** What this browser has for web-llm. */
export type Webgpu =
  | { readonly status: 'asking' }
  /** `why`: a sentence, with what mends it. */
  | { readonly status: 'none'; readonly why: string }
  | { readonly status: 'there'; readonly f16: boolean; readonly software: boolean };

/** Asks the browser once for WebGPU and what it can. */
export function useWebgpu(): Webgpu {
  const [found, setFound] = useState<Webgpu>({ status: 'asking' });
  useEffect(() => {
    let gone = false;
    void findWebgpu().then((answer) => gone || setFound(answer));
    return () => {
      gone = true;
    };
  }, []);
  return found;
}

async function findWebgpu(): Promise<Webgpu> {
  if (!isSecureContext) {
    return {
      status: 'none',
      why: 'Browsers give WebGPU to pages from https or localhost only, and this one came over plain http.',
    };
  }
  // Absent where the browser has no WebGPU, whatever its type says.
  const gpu = navigator.gpu as GPU | undefined;
  const none = 'Use a current Chrome, Edge or Safari, or a Firefox that has it.';
  if (gpu === undefined) return { status: 'none', why: `This browser has no WebGPU. ${none}` };
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (adapter === null) {
    return {
      status: 'none',
      why: 'This browser has WebGPU, but no graphics card that it may use. Check that hardware acceleration is on.',
    };
  }
  return {
    status: 'there',
    f16: adapter.features.has('shader-f16'),
    software: adapter.info.isFallbackAdapter,
  };
}
