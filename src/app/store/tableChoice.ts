import { isMethodName, type MethodName } from '../../research/methodNames.ts';
import { generatedSets, type QuestionSet } from '../../world/types.ts';

/** What Evaluate is set to, and what of its table is open. */
export interface TableChoice {
  /** Most questions of each set. */
  readonly n: number;
  /** Seed of the world, or of the choice of country questions. */
  readonly seed: number;
  readonly world: 'generated' | 'countries';
  /** Cell whose rollouts are listed. */
  readonly cell?: { readonly method: MethodName; readonly set: QuestionSet };
  /** Rollout of the cell that is read, by its place. */
  readonly item?: number;
  /** Which of the cell's rollouts are listed. */
  readonly show: 'all' | 'right' | 'wrong';
}

export const tableSizes = [50, 100, 200, 500] as const;

export const usualTable: TableChoice = { n: 100, seed: 1, world: 'generated', show: 'all' };

export const setsOf = ({ world }: Pick<TableChoice, 'world'>): readonly QuestionSet[] =>
  world === 'generated' ? generatedSets : ['countries'];

/** Reads a value of a link; undefined where it is none. */
type Read = <T>(name: string, absent: T, stands: T, reader: Reader<T>) => T;
interface Reader<T> {
  readonly read: (text: string) => T | undefined;
  readonly has: string;
}

const names = {
  n: 'questions',
  seed: 'table-seed',
  world: 'table-world',
  cell: 'cell',
  item: 'item',
  show: 'show',
};
export const tableNames: readonly string[] = Object.values(names);

/** Adds what differs from the usual. */
export function encodeTable(query: URLSearchParams, table: TableChoice): void {
  for (const key of ['n', 'seed', 'world', 'show'] as const) {
    if (table[key] !== usualTable[key]) query.set(names[key], String(table[key]));
  }
  if (table.cell !== undefined) query.set(names.cell, `${table.cell.method}.${table.cell.set}`);
  if (table.item !== undefined) query.set(names.item, String(table.item));
}

export function decodeTable(read: Read, standing: TableChoice): TableChoice {
  const cell = read(names.cell, undefined, standing.cell, cellReader);
  const item = read(names.item, undefined, standing.item, whole(0, 99_999));
  return {
    n: read(names.n, usualTable.n, standing.n, whole(1, 5000)),
    seed: read(names.seed, usualTable.seed, standing.seed, whole(0, 0x3fffffff)),
    world: read(names.world, usualTable.world, standing.world, oneOf(['generated', 'countries'])),
    show: read(names.show, usualTable.show, standing.show, oneOf(['all', 'right', 'wrong'])),
    ...(cell === undefined ? {} : { cell }),
    ...(item === undefined ? {} : { item }),
  };
}

const oneOf = <T extends string>(allowed: readonly T[]): Reader<T> => ({
  read: (text) => allowed.find((value) => value === text),
  has: `can be ${allowed.join(', ')}`,
});

const whole = (least: number, most: number): Reader<number> => ({
  read: (text) =>
    /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined,
  has: `has to be a whole number from ${least} to ${most}`,
});

const cellReader: Reader<NonNullable<TableChoice['cell']>> = {
  read: (text) => {
    const [method = '', set = ''] = text.split('.');
    const known = [...generatedSets, 'countries' as const].find((name) => name === set);
    return isMethodName(method) && known !== undefined ? { method, set: known } : undefined;
  },
  has: 'has to be like ircot.musique (method, set)',
};
