import { z } from 'zod';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: readonly { readonly name: string; readonly reason: string }[];
  /** Of those that passed, the ones that had failed before, with why. */
  readonly retried: readonly { readonly name: string; readonly reason: string }[];
}

/** The parts of Vitest's JSON report that are counted. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()),
          meta: z.object({ notRun: z.string().optional() }).optional(),
        }),
      ),
    }),
  ),
});

/**
 * Counts the tests of a Vitest JSON report. A file that failed without a failed test (it could not be loaded, or a
 * hook threw) counts as one failure. Whatever neither passed nor failed was not run, and is named, as is what passed
 * at a second try.
 */
export function countTests(report: unknown): TestCounts {
  const { testResults } = reportSchema.parse(report);
  let passed = 0;
  let failed = 0;
  const notRun: { name: string; reason: string }[] = [];
  const retried: { name: string; reason: string }[] = [];
  for (const file of testResults) {
    const failedBefore = failed;
    for (const { fullName, status, failureMessages, meta } of file.assertionResults) {
      const [failure] = failureMessages;
      if (status === 'passed' && failure !== undefined) retried.push({ name: fullName, reason: failure });
      if (status === 'passed') passed++;
      else if (status === 'failed') failed++;
      else notRun.push({ name: fullName, reason: meta?.notRun ?? status });
    }
    if (file.status === 'failed' && failed === failedBefore) failed++;
  }
  return { passed, failed, notRun, retried };
}
