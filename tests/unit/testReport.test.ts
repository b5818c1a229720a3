import { describe, expect, it } from 'vitest';
import { countTests } from '../../scripts/testReport.ts';

const test = (fullName: string, status: string, notRun?: string) => ({
  fullName,
  status,
  failureMessages: status === 'failed' ? ['expected 1 to be 2'] : [],
  meta: notRun === undefined ? {} : { notRun },
});

describe('counting the tests of a report', () => {
  it('counts passed and failed tests, and names the others with their reason', () => {
    const counts = countTests({
      testResults: [
        { name: 'a', status: 'failed', assertionResults: [test('one', 'passed'), test('two', 'failed')] },
        {
          name: 'b',
          status: 'passed',
          assertionResults: [
            test('three', 'skipped', 'no adapter'),
            test('four', 'todo'),
            test('five', 'passed'),
          ],
        },
      ],
    });
    expect(counts).toEqual({
      passed: 2,
      failed: 1,
      notRun: [
        { name: 'three', reason: 'no adapter' },
        { name: 'four', reason: 'todo' },
      ],
      retried: [],
    });
  });

  it('counts a file that could not be loaded as one failure', () => {
    const counts = countTests({ testResults: [{ name: 'a', status: 'failed', assertionResults: [] }] });
    expect(counts).toEqual({ passed: 0, failed: 1, notRun: [], retried: [] });
  });

  it('counts a failed hook beside passed tests as one failure', () => {
    const counts = countTests({
      testResults: [{ name: 'a', status: 'failed', assertionResults: [test('one', 'passed')] }],
    });
    expect(counts.failed).toBe(1);
  });

  it('names a test that passed at its second try, and why it had failed', () => {
    const again = { ...test('two', 'passed'), failureMessages: ['the button was not there'] };
    const counts = countTests({
      testResults: [{ name: 'a', status: 'passed', assertionResults: [test('one', 'passed'), again] }],
    });
    expect(counts).toEqual({
      passed: 2,
      failed: 0,
      notRun: [],
      retried: [{ name: 'two', reason: 'the button was not there' }],
    });
  });
});
