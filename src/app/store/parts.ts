import { views, type ViewPath } from '../routing/views.ts';

type ViewPart<P> = P extends '/' ? never : P extends `/${infer Name}` ? Name : never;

/** Sections that can be hidden, with what they are. */
const sections = {
  recipe: 'The recipe and its dials',
  'train-here': 'Play: the button that starts training',
  figure: 'Play: right answers of the recorded run',
  passages: 'Play: the choice of passages',
  after: 'Play: what the trained policy answers',
  settings: 'Play: temperature and dice',
  'then-and-now': 'Play: first and later batch as strips',
  speed: 'Train: slow motion',
  curves: 'Train: learning curves',
  batch: 'Train: the batch as strips',
  results: 'Train: before and after',
  numbers: 'Train: all numbers as a table',
  runs: 'Train: kept runs',
  prior: 'What the policy had seen before its first reward',
} as const;

/** A part of the page that a link can hide: a view by its address without the slash, or a section. */
export type PartName = keyof typeof sections | ViewPart<ViewPath>;

export interface HideablePart {
  readonly name: PartName;
  /** For people. */
  readonly label: string;
}

const viewPart = (path: ViewPath): PartName | undefined =>
  path === '/' ? undefined : (path.slice(1) as PartName);

const named = <T extends object>(whole: T): readonly (keyof T)[] => Object.keys(whole) as (keyof T)[];

/** All of them, views first. The first view is always there. */
export const parts: readonly HideablePart[] = [
  ...views.flatMap(({ path, label }) => {
    const name = viewPart(path);
    return name === undefined ? [] : [{ name, label: `The view ${label}` }];
  }),
  ...named(sections).map((name) => ({ name, label: sections[name] })),
];

export const partNames: readonly PartName[] = parts.map(({ name }) => name);

/** Whether a link has taken the view out of the page. */
export function isViewHidden(hidden: readonly PartName[], path: ViewPath): boolean {
  const name = viewPart(path);
  return name !== undefined && hidden.includes(name);
}
