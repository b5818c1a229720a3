import type { Decoder } from '../engine/decoder.ts';
import { whatMoved } from '../grpo/moved.ts';
import type { UpdateWatch } from '../grpo/watch.ts';
import type { GroupResult } from '../research/groups.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { Trace } from '../traces/trace.ts';
import type { DrawnBatch } from './drawGroups.ts';
import { groupResult } from './groupResult.ts';
import { GroupWriting } from './groupWriting.ts';
import type { Recipe } from './recipe.ts';
import type { HeldPhase, RunFinding } from './runFinding.ts';

/** Who looks at an update as it happens. */
export interface RunWatch {
  /** Group whose rollouts are told while they are written. */
  readonly group: number;
  /** Awaited before each phase but the first: holds it. Rejecting ends the update. */
  readonly before: (phase: HeldPhase) => Promise<void>;
  readonly found: (finding: RunFinding) => void;
}

/** Places at which the whole choice is compared, before and after; tokens told of each. */
const PLACES = 12;
const CHOICES = 6;

/** Tells what the phases of one update find, for whoever watches. */
export class WatchedUpdate {
  private readonly watch: RunWatch;
  private readonly writing: GroupWriting;
  private held = 0;
  private drawn: DrawnBatch = { groups: [], replaced: [] };

  constructor(watch: RunWatch) {
    this.watch = watch;
    const { group } = watch;
    this.writing = new GroupWriting(group, (question, traces) =>
      watch.found({ phase: 'writing', group, question, traces }),
    );
  }

  /** Milliseconds that its phases were held: no work of the update's. */
  get heldMilliseconds(): number {
    return this.held;
  }

  /** For `RolloutOptions.onToken`. */
  get onToken(): GroupWriting['onToken'] {
    return this.writing.onToken;
  }

  rollouts(drawn: DrawnBatch): void {
    this.drawn = drawn;
    this.watch.found({
      phase: 'rollouts',
      groups: this.results(drawn.groups.map(({ traces }) => traces)),
      replaced: drawn.replaced.length,
    });
  }

  /** For `GrpoContext.watch`. */
  readonly update: UpdateWatch = {
    before: (phase) => this.hold(phase),
    found: (finding) => {
      if (finding.phase === 'gradient' || finding.phase === 'update') this.watch.found(finding);
      else this.watch.found({ ...finding, groups: this.results(finding.groups) });
    },
  };

  /** Asks the policy as it was and as it is the same. */
  async moved(
    before: Decoder,
    after: Decoder,
    { tokenizer, recipe }: { readonly tokenizer: Tokenizer; readonly recipe: Recipe },
    hooks: { readonly signal?: AbortSignal; readonly breathe?: () => Promise<void> },
  ): Promise<void> {
    await this.hold('moved');
    const groups = this.drawn.groups.map(({ traces }) => traces);
    const moved = await whatMoved(before, after, groups, {
      ...hooks,
      temperature: recipe.rollout.temperature,
      tokensPerBatch: recipe.backend.tokensPerBatch,
      places: PLACES,
      choices: CHOICES,
    });
    const places = moved.places.map((place) => ({
      ...place,
      choices: place.choices.map((choice) => ({
        ...choice,
        text: tokenizer.tokenTexts([choice.id])[0] ?? '',
      })),
    }));
    this.watch.found({ phase: 'moved', before: moved.before, after: moved.after, places });
  }

  private async hold(phase: HeldPhase): Promise<void> {
    const from = performance.now();
    await this.watch.before(phase);
    this.held += performance.now() - from;
  }

  private results(groups: readonly (readonly Trace[])[]): GroupResult[] {
    return groups.map((traces, g) => groupResult(g, this.drawn.groups[g]?.question, traces));
  }
}
