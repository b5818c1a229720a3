import { describe, expect, it } from 'vitest';
import { passageBody } from '../../../src/app/components/passageBody.ts';

describe('what follows the title of a passage', () => {
  it.each([
    ['Tavam', 'Tavam is a firm.', ' is a firm.'],
    ['Tavam (company)', 'Tavam is a firm.', '. Tavam is a firm.'],
    ['b', 'blue blue', '. blue blue'],
    ['Yoong', 'Yoongean is spoken there.', '. Yoongean is spoken there.'],
    ['Tavam', 'Tavam', ''],
    ['Output:', 'No module named x', ' No module named x'],
    ['', 'No title.', 'No title.'],
  ])('of %j, %j', (title, text, body) => {
    expect(passageBody({ title, text })).toBe(body);
  });
});
