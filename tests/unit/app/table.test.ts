import { describe, expect, it } from 'vitest';
import { csvOf } from '../../../src/app/components/figure/table.ts';

describe('numbers as CSV', () => {
  it('quotes what has to be, and leaves gaps where nothing is known', () => {
    const table = {
      columns: ['a', 'b,c'],
      rows: [
        [1, 'say "x"'],
        [null, 'two\nlines'],
        [NaN, ''],
      ],
    };
    expect(csvOf(table)).toBe('a,"b,c"\n1,"say ""x"""\n,"two\nlines"\n,\n');
  });

  it('keeps text from being read as a formula, and numbers as numbers', () => {
    const rows = [
      ['=HYPERLINK("x")', -1.5],
      ['+1', 0],
      ['@x', 2e-7],
    ];
    expect(csvOf({ columns: ['t', 'n'], rows })).toBe('t,n\n"\'=HYPERLINK(""x"")",-1.5\n\'+1,0\n\'@x,2e-7\n');
  });
});
