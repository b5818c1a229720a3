import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { notRunOrFail, Unavailable } from '../browser/availability.ts';
import type { BrowserBackend, KernelsResponse } from '../browser/kernelsProtocol.ts';
import { type BrowserHost, launchBrowser } from '../browser/launch.ts';
import { allCases } from './cases/allCases.ts';
import { twinChecks } from './cases/webgpuTwins.ts';

/** Every case on WebGPU and on WebAssembly as Chromium runs them: in a worker, from modules that Vite serves. */
const BACKENDS: readonly { readonly name: BrowserBackend; readonly title: string }[] = [
  { name: 'webgpu', title: 'WebGPU in Chromium' },
  { name: 'webgpuGpu', title: 'WebGPU in Chromium, kernels for graphics cards' },
  { name: 'webgpuPlain', title: 'WebGPU in Chromium, kernels for graphics cards, no subgroups' },
  { name: 'wasm1', title: 'WebAssembly in Chromium, one thread' },
  { name: 'wasm2', title: 'WebAssembly in Chromium, two threads' },
];

interface Checks {
  readonly problems: readonly string[];
  run(name: string): Promise<void>;
  twins(name: string): Promise<void>;
}

let host: Promise<BrowserHost> | null = null;

afterAll(async () => {
  await host?.then(
    (started) => started.close(),
    () => undefined,
  );
});

async function openChecks(backend: BrowserBackend): Promise<Checks> {
  host ??= launchBrowser();
  const browser = await host;
  const { page, problems } = await browser.newPage();
  await page.goto(`${browser.baseUrl}tests/browser/kernels.html`);
  await page
    .waitForFunction(() => 'kernels' in window, null, { timeout: 60_000 })
    .catch((error: unknown) => {
      throw new Error(`the page of the kernel checks did not load: ${problems.join('; ')}`, { cause: error });
    });
  const started = await page.evaluate((name) => window.kernels.start(name), backend);
  if (started.unavailable) throw new Unavailable(`${started.message} (${browser.source})`);
  if (!started.ok) throw new Error(`the backend did not start: ${started.message}; ${problems.join('; ')}`);
  const check = ({ ok, message }: KernelsResponse): void => {
    if (!ok) throw new Error(message);
  };
  return {
    problems,
    run: async (name) => {
      check(await page.evaluate((caseName) => window.kernels.run(caseName), name));
    },
    twins: async (name) => {
      check(await page.evaluate((checkName) => window.kernels.twins(checkName), name));
    },
  };
}

for (const { name: backend, title } of BACKENDS) {
  describe(title, () => {
    let checks: Promise<Checks> | null = null;
    const start = (context: TestContext): Promise<Checks> => {
      checks ??= openChecks(backend);
      return checks.catch((error: unknown) => notRunOrFail(context, error));
    };
    for (const { name } of allCases) {
      it(name, async (context) => {
        await (await start(context)).run(name);
      });
    }
    if (backend === 'webgpu') {
      for (const { name } of twinChecks) {
        it(name, async (context) => {
          await (await start(context)).twins(name);
        });
      }
    }
    it('the browser reported no error on the way', async (context) => {
      expect((await start(context)).problems).toEqual([]);
    });
  });
}
