import { useEffect, useState } from 'react';
import { z } from 'zod';
import { methodNames } from '../../research/methodNames.ts';
import type { EvaluationRow, RowNumbers } from '../../research/methodRows.ts';
import { generatedSets } from '../../world/types.ts';
import { fetchJson } from '../store/fetchJson.ts';
import type { TableChoice } from '../store/tableChoice.ts';

/** A table that the command line has written: what stands in Evaluate until a visitor runs their own. */
export interface RecordedTable {
  readonly rows: readonly EvaluationRow[];
  readonly command: string;
  readonly backend: string;
  /** All of it took. */
  readonly seconds: number;
  readonly world: { readonly name: string; readonly seed: number };
}

const finite = z.number();
const pair = z.tuple([finite, finite]);
const numbers = { n: finite, em: finite, f1: finite, searches: finite, ci95: pair };
const row: z.ZodType<EvaluationRow> = z.object({
  ...numbers,
  method: z.enum(methodNames),
  set: z.enum([...generatedSets, 'countries']),
  f1Ci95: pair,
  responseTokens: finite,
  selfCorrections: finite,
  searchesByHops: finite.nullable(),
  byHops: z.record(z.string(), z.object(numbers) satisfies z.ZodType<RowNumbers>).exactOptional(),
});
const table: z.ZodType<RecordedTable> = z.object({
  rows: z.array(row).min(1),
  command: z.string(),
  backend: z.string(),
  seconds: finite,
  world: z.object({ name: z.string(), seed: finite }),
});

/** Throws an Error that names the file and the first field that does not fit. */
export function parseRecordedTable(value: unknown, name: string): RecordedTable {
  const parsed = table.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${name}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`);
}

const addresses: Readonly<Record<TableChoice['world'], string>> = {
  generated: './runs/table.json',
  countries: './runs/table-countries.json',
};

export type ReadTable = { readonly table: RecordedTable } | { readonly problem: string };

/** The recorded table of a kind of world; undefined while it is read, and a problem where it is not there. */
export function useRecordedTable(world: TableChoice['world']): ReadTable | undefined {
  const [read, setRead] = useState<Partial<Record<TableChoice['world'], ReadTable>>>({});
  useEffect(() => {
    let wanted = true;
    const address = addresses[world];
    void fetchJson(address)
      .then((value): ReadTable => ({ table: parseRecordedTable(value, address) }))
      .catch((error: unknown): ReadTable => ({
        problem: error instanceof Error ? error.message : String(error),
      }))
      .then((answer) => wanted && setRead((before) => ({ ...before, [world]: answer })));
    return () => {
      wanted = false;
    };
  }, [world]);
  return read[world];
}
