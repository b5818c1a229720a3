import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseRecordedTable } from '../../../src/app/evaluate/recordedTable.ts';
import { methodNames } from '../../../src/research/methodNames.ts';
import { generatedSets } from '../../../src/world/types.ts';

const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(`public/runs/${name}.json`, 'utf8')) as unknown;

describe('the recorded tables', () => {
  it.each([
    ['table', generatedSets],
    ['table-countries', ['countries']],
  ] as const)('%s.json has every method on every set, and the command that wrote it', async (name, sets) => {
    const { rows, command } = parseRecordedTable(await read(name), name);
    expect(rows.map(({ method, set }) => `${method} ${set}`).sort()).toEqual(
      methodNames.flatMap((method) => sets.map((set) => `${method} ${set}`)).sort(),
    );
    expect(command).toMatch(new RegExp(`^npm run -s cli -- evaluate .*--json public/runs/${name}.json$`));
  });

  it('are refused by the field that does not fit', async () => {
    const table = (await read('table')) as { rows: { em: unknown }[] };
    const spoilt = { ...table, rows: [{ ...table.rows[0], em: '93 %' }] };
    expect(() => parseRecordedTable(spoilt, 'spoilt.json')).toThrow(/^spoilt\.json: rows\.0\.em: /);
  });
});
