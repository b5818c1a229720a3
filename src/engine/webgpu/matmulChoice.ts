/**
 * Which matrix product kernel suits a shape on this adapter. All of them add in the same order (kernels/matmul.ts),
 * so the choice changes the time a product takes and not its value.
 */

import type { MatmulLayout, MatmulVariant } from './kernels/matmul.ts';
import { SUM_CHUNK } from './kernels/matmul.ts';

/** Shapes that share a choice: the rows of a decode step, of a few sequences, of a training batch. */
export type SizeClass = 'few' | 'some' | 'many';
export const sizeClasses: readonly SizeClass[] = ['few', 'some', 'many'];

const FEW_ROWS = 16;
const SOME_ROWS = 128;

export const sizeClassOf = (M: number): SizeClass =>
  M <= FEW_ROWS ? 'few' : M <= SOME_ROWS ? 'some' : 'many';

export type ChoiceTable = Readonly<Record<`${MatmulLayout} ${SizeClass}`, MatmulVariant>>;

export type ChoiceKey = keyof ChoiceTable;

export interface AdapterTraits {
  /** The adapter runs on the CPU. */
  readonly software: boolean;
  /** Quad operations work as the kernels need them; see subgroupProbe.ts. */
  readonly quads: boolean;
}

const LARGE: MatmulVariant = { family: 'shared', rows: 64, columns: 64 };
const SMALL: MatmulVariant = { family: 'shared', rows: 32, columns: 32 };
/** Fewer workgroups than this leave most of a graphics card idle. */
const ENOUGH_TILES = 96;
const MAX_SPLITS = 32;

/** The kernels worth trying for a class, the one to take untried first. */
export function candidates(layout: MatmulLayout, size: SizeClass, traits: AdapterTraits): MatmulVariant[] {
  const family = traits.quads ? 'quad' : 'direct';
  const registers: MatmulVariant[] =
    size === 'few'
      ? [{ family, rows: 4, columns: 4 }]
      : [
          { family, rows: 8, columns: 8 },
          { family, rows: 8, columns: 4 },
        ];
  const shared: MatmulVariant[] = size === 'many' ? [LARGE, SMALL] : [SMALL];
  const vector: MatmulVariant[] = layout === 'NT' && size !== 'many' ? [{ family: 'vector', rows: 4 }] : [];
  const panel: MatmulVariant[] = traits.quads && size !== 'few' ? [{ family: 'panel' }] : [];
  return traits.software
    ? [...panel, ...registers, ...shared, ...vector]
    : size === 'few'
      ? [...vector, ...shared, ...registers]
      : [...shared, ...vector, ...registers];
}

export class MatmulChoice {
  readonly traits: AdapterTraits;
  private tuned: Partial<ChoiceTable>;

  /** `tuned` overrides the default of the classes it names. */
  constructor(traits: AdapterTraits, tuned: Partial<ChoiceTable> = {}) {
    this.traits = traits;
    this.tuned = tuned;
  }

  /** Takes over what a timed run has found; what was given at the start stays. */
  adopt(table: Partial<ChoiceTable>): void {
    this.tuned = { ...table, ...this.tuned };
  }

  variant(layout: MatmulLayout, M: number, N: number): MatmulVariant {
    const size = sizeClassOf(M);
    const tuned = this.tuned[`${layout} ${size}`];
    if (tuned) return fitted(M, N, tuned);
    const [first = SMALL] = candidates(layout, size, this.traits);
    if (this.traits.software && size === 'few' && M < 4) return { family: 'direct', rows: 1, columns: 8 };
    return fitted(M, N, first);
  }

  /**
   * Workgroups that share the sum over k of one tile; the partial sums cost a second, small kernel. From the shape alone:
   * the kernel that is chosen must not change the order of a sum.
   */
  splits(layout: MatmulLayout, M: number, N: number, K: number): number {
    // A row's value may not depend on how many rows there are: only sums over the rows themselves are split.
    if (layout !== 'TN' || this.traits.software) return 1;
    const tiles = Math.ceil(M / 32) * Math.ceil(N / 32);
    const most = Math.min(MAX_SPLITS, Math.ceil(K / SUM_CHUNK));
    return Math.max(1, Math.min(most, Math.floor(ENOUGH_TILES / tiles)));
  }
}

/** The wanted kernel, with the small tile where too few large ones would fill the card, and one row for a single row. */
function fitted(M: number, N: number, wanted: MatmulVariant): MatmulVariant {
  if (wanted.family === 'vector' && M === 1) return { family: 'vector', rows: 1 };
  const small = wanted.family === 'shared' && Math.ceil(M / 64) * Math.ceil(N / 64) < ENOUGH_TILES;
  return small ? SMALL : wanted;
}
