/**
 * Finds the fastest matrix product kernel of each class of shapes on this adapter by a short timed run, and keeps what
 * it found. All kernels give the same bits, so only time depends on the result.
 */

import { z } from 'zod';
import { candidates, sizeClasses } from './matmulChoice.ts';
import type { AdapterTraits, ChoiceKey, ChoiceTable, SizeClass } from './matmulChoice.ts';
import { formName, type MatmulLayout, type MatmulVariant } from './kernels/matmul.ts';
import { wgsl } from './kernel.ts';
import { makeMatmulKernel } from './matmulKernel.ts';

/** Where choices are kept between visits, by adapter and version of the kernels. */
export interface TuningStore {
  /** What `write` was given; undefined where there is nothing. */
  read(key: string): Promise<unknown>;
  write(key: string, table: Partial<ChoiceTable>): Promise<void>;
}

/** Seconds of one product of a class with a kernel, compiled before. */
export type TimeVariant = (layout: MatmulLayout, size: SizeClass, variant: MatmulVariant) => Promise<number>;

const layouts: readonly MatmulLayout[] = ['NT', 'NN', 'TN'];
/** A kernel must take at most so much of the default's time to replace it: less is noise. */
const CLEARLY_LESS = 0.9;
/** After so many seconds the classes that are left keep their defaults. */
const PATIENCE = 4;

const variantSchema: z.ZodType<MatmulVariant> = z.union([
  z.object({
    family: z.literal('shared'),
    rows: z.union([z.literal(32), z.literal(64)]),
    columns: z.union([z.literal(32), z.literal(64)]),
  }),
  z.object({
    family: z.enum(['direct', 'quad']),
    rows: z.union([z.literal(1), z.literal(4), z.literal(8)]),
    columns: z.union([z.literal(4), z.literal(8)]),
  }),
  z.object({ family: z.literal('vector'), rows: z.union([z.literal(1), z.literal(4)]) }),
  z.object({ family: z.literal('panel') }),
]);
const keys = layouts.flatMap((layout) => sizeClasses.map((size): ChoiceKey => `${layout} ${size}`));
const tableSchema = z.partialRecord(z.enum(keys), variantSchema);

export interface Tuning {
  readonly table: Partial<ChoiceTable>;
  /** Seconds of each kernel that was timed; empty where the table was kept from before. */
  readonly timings: readonly {
    readonly key: ChoiceKey;
    readonly variant: MatmulVariant;
    readonly seconds: number;
  }[];
}

/** The adapter and the version of its kernels: other kernels, or another driver's adapter, are timed anew. */
export function tuningKey(adapter: string, traits: AdapterTraits): string {
  const texts = keys.flatMap((key) => {
    const [layout, size] = splitKey(key);
    const form = { layout, bias: false, split: false, stored: 'f32', vectors: true } as const;
    return candidates(layout, size, traits).map(
      (variant) => `${formName(form)} ${wgsl(makeMatmulKernel(variant, form).kernel, false)}`,
    );
  });
  return `webgpu-products ${adapter} ${hash(texts.join('\n'))}`;
}

/**
 * The choices kept under `key`, or those found now and then kept. A store that fails, or holds something else, only costs
 * the time of finding them again.
 * @param patience seconds
 */
export async function tunedChoices(
  traits: AdapterTraits,
  time: TimeVariant,
  key: string,
  store: TuningStore | null,
  patience = PATIENCE,
): Promise<Tuning> {
  const kept = tableSchema.safeParse(await store?.read(key).catch(() => undefined));
  if (kept.success) return { table: kept.data, timings: [] };
  const found = await timeAll(traits, time, patience);
  await store?.write(key, found.table).catch(() => undefined);
  return found;
}

async function timeAll(traits: AdapterTraits, time: TimeVariant, patience: number): Promise<Tuning> {
  const table: Partial<Record<ChoiceKey, MatmulVariant>> = {};
  const timings: Tuning['timings'][number][] = [];
  const start = performance.now();
  for (const key of keys) {
    if (performance.now() - start > patience * 1000) break;
    const [layout, size] = splitKey(key);
    let best = Infinity;
    for (const variant of candidates(layout, size, traits)) {
      const seconds = await time(layout, size, variant);
      timings.push({ key, variant, seconds });
      const isDefault = table[key] === undefined;
      if (isDefault || seconds < best * CLEARLY_LESS) {
        table[key] = variant;
        best = seconds;
      }
    }
  }
  return { table, timings };
}

function splitKey(key: ChoiceKey): readonly [MatmulLayout, SizeClass] {
  const layout = layouts.find((one) => key.startsWith(one)) ?? 'NT';
  const size = sizeClasses.find((one) => key.endsWith(one)) ?? 'many';
  return [layout, size];
}

/** FNV-1a, 32 bits, in hexadecimal. */
function hash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h >>> 0).toString(16).padStart(8, '0');
}
