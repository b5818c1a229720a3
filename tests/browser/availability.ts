import type { TestContext } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test was not run; `npm test` prints it. */
    notRun?: string;
  }
}

/** This machine lacks what a test needs (a browser, a WebGPU adapter), which is no fault of what is tested. */
export class Unavailable extends Error {
  override name = 'Unavailable';
}

/**
 * To be called with what a test's preparation threw. Outside CI an Unavailable marks the test as not run, with its
 * reason; in CI, and for any other error, the test fails.
 */
export function notRunOrFail(context: TestContext, error: unknown): never {
  if (error instanceof Unavailable && !process.env['CI']) {
    context.task.meta.notRun = error.message;
    context.skip(error.message);
  }
  throw error;
}
