import { heldOut, measure, reportRows } from '../tests/unit/traces/labelled/measure.ts';

/** Prints the table of `docs/behaviours.md`, and by number the rollouts that detectors and reader differ on. */
const held = heldOut();
process.stdout.write(`${String(held.length)} rollouts\n${reportRows().join('\n')}\n`);
for (const { name, detectorAlone, readerAlone } of measure(held)) {
  if (detectorAlone.length > 0)
    process.stdout.write(`${name}, detector alone: ${detectorAlone.join(', ')}\n`);
  if (readerAlone.length > 0) process.stdout.write(`${name}, reader alone: ${readerAlone.join(', ')}\n`);
}
