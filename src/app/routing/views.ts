/** A view of the page: its address, its word, its key. What it draws is in `shell/routes.ts`. */
export interface View {
  readonly path: string;
  readonly label: string;
  /** As `KeyboardEvent.key` says it; goes there. */
  readonly key: string;
  /** What it is for, in a few words. */
  readonly about: string;
  /** Stands in the bar of a phone itself; the others are behind “More” there. At most four. */
  readonly main?: boolean;
}

/** All views, in the order of the rail. A view of `/x` is at every address that begins with `/x/`, too. */
export const views = [
  { path: '/', label: 'Play', key: '1', about: 'one question, before and after', main: true },
  { path: '/train', label: 'Train', key: '2', about: 'a run, its curves, its batches', main: true },
  { path: '/rollouts', label: 'Rollouts', key: '3', about: 'any rollout, token by token', main: true },
  { path: '/update', label: 'One update', key: '4', about: 'GRPO’s update, phase by phase' },
  { path: '/behaviours', label: 'Behaviours', key: '5', about: 'what it does, as it rises and falls' },
  { path: '/evaluate', label: 'Evaluate', key: '6', about: 'the paper’s table: methods by sets', main: true },
  { path: '/corpus', label: 'Corpus', key: '7', about: 'a map of what can be searched' },
  { path: '/learn', label: 'Learn', key: '8', about: 'six short chapters', main: true },
  { path: '/models', label: 'Models', key: '9', about: 'what a run can begin from' },
] as const satisfies readonly View[];

export type ViewPath = (typeof views)[number]['path'];
export type ViewLabel = (typeof views)[number]['label'];

/** The view of a path; the first one where no view has it. */
export function viewAt(path: string): (typeof views)[number] {
  return views.find((view) => path === view.path || path.startsWith(`${view.path}/`)) ?? views[0];
}
