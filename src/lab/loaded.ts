import { ForkDesk } from './forkDesk.ts';
import { PlayDesk } from './playDesk.ts';
import type { LabEvent } from './protocol.ts';
import type { Recipe } from './recipe.ts';
import type { Surroundings } from './surroundings.ts';
import { TrainDesk } from './trainDesk.ts';
import type { Workbench } from './workbench.ts';

/** A policy that is loaded, and all that works on it. */
export interface Loaded {
  readonly bench: Workbench;
  recipe: Recipe;
  readonly surroundings: Surroundings;
  readonly train: TrainDesk;
  readonly play: PlayDesk;
  readonly forks: ForkDesk;
  /** What reads the policies now; over before they are given up. */
  readonly readers: Set<Promise<unknown>>;
  /** Aborted when something else has been loaded. */
  readonly replaced: AbortController;
}

export const loadedOn = (
  bench: Workbench,
  recipe: Recipe,
  surroundings: Surroundings,
  post: (event: LabEvent) => void,
): Loaded => ({
  bench,
  recipe,
  surroundings,
  train: new TrainDesk(bench, recipe, post),
  play: new PlayDesk(),
  forks: new ForkDesk(),
  readers: new Set(),
  replaced: new AbortController(),
});

/** Counts what reads the policies while it lasts. */
export async function reading<T>({ readers }: Loaded, work: Promise<T>): Promise<T> {
  readers.add(work);
  try {
    return await work;
  } finally {
    readers.delete(work);
  }
}

/** Ends all that runs on what was loaded, and frees it. */
export async function giveUp({ bench, train, play, readers, replaced }: Loaded): Promise<void> {
  replaced.abort(new Error('Another policy was loaded.'));
  await Promise.allSettled([...readers, train.stop()]);
  await play.close();
  await bench.dispose();
}
