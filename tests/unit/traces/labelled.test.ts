import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detectors } from '../../../src/traces/behaviours.ts';
import type { Behaviour } from '../../../src/traces/trace.ts';
import { heldOut, measure, mendedOn, precision, recall, reportRows } from './labelled/measure.ts';

/** Lower recalls that are known and told in `docs/behaviours.md`; all else is held above `FLOOR`. */
const FLOOR = 0.95;
const RECALL_FLOORS: Partial<Record<Behaviour, number>> = { 'search after the answer': 0.75 };

describe('detectors against a reader', () => {
  it('are measured on rollouts that they were not mended on, at least 200', () => {
    const held = heldOut();
    expect(held.length).toBeGreaterThanOrEqual(200);
    const mended = new Set(mendedOn().map(({ n }) => n));
    expect(mended.size).toBeGreaterThan(100);
    expect(held.filter(({ n }) => mended.has(n))).toEqual([]);
  });

  it.each(measure(heldOut()))('agree with the reader on $name', (measured) => {
    expect(measured.labelled).toBeGreaterThanOrEqual(10);
    expect(
      precision(measured),
      `detector alone: ${measured.detectorAlone.join(', ')}`,
    ).toBeGreaterThanOrEqual(FLOOR);
    expect(recall(measured), `reader alone: ${measured.readerAlone.join(', ')}`).toBeGreaterThanOrEqual(
      RECALL_FLOORS[measured.name] ?? FLOOR,
    );
  });

  it('stand in the docs as they are measured', () => {
    const docs = readFileSync(new URL('../../../docs/behaviours.md', import.meta.url), 'utf8');
    const rows = docs.split('\n').map((row) => row.replace(/ {2,}/g, ' '));
    for (const row of reportRows()) expect(rows).toContain(row);
    for (const { name, kind, definition } of Object.values(detectors)) {
      expect(rows).toContain(`| ${name} | ${kind} | ${definition} |`);
    }
  });
});
