import { breathe } from './breathe.ts';
import type { LabEvent, RunState } from './protocol.ts';
import type { Recipe } from './recipe.ts';
import { TrainRun } from './trainRun.ts';
import type { Workbench } from './workbench.ts';

/** Starts, pauses, steps and stops one run, and tells what happens. */
export class TrainDesk {
  private readonly bench: Workbench;
  private readonly recipe: Recipe;
  private readonly post: (event: LabEvent) => void;
  private active: TrainRun | undefined;
  private state: RunState = 'ready';
  private evaluatedBefore = false;
  private evaluatedAfter = false;
  private updatesWanted = 0;
  private abort = new AbortController();
  private running: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  private stops = 0;

  constructor(bench: Workbench, recipe: Recipe, post: (event: LabEvent) => void) {
    this.bench = bench;
    this.recipe = recipe;
    this.post = post;
  }

  /** Runs up to `updates` updates (all that are left: Infinity), with the evaluations before and after. */
  async run(updates: number): Promise<void> {
    if (this.stopping) {
      // The run that is being stopped ends first, and this one begins anew; unless it too has been stopped by then.
      const { stops } = this;
      await this.stopping;
      if (stops !== this.stops) return;
    }
    this.updatesWanted = updates;
    if (this.running) {
      this.setState('running');
      return;
    }
    this.abort = new AbortController();
    this.running = this.loop();
    try {
      await this.running;
    } finally {
      this.running = undefined;
    }
  }

  /** Stops after the update that is under way. */
  pause(): void {
    this.updatesWanted = 0;
    if (this.running) this.setState('pausing');
  }

  /** Ends the run: the policy in training is the base again. */
  stop(): Promise<void> {
    this.stops++;
    this.stopping ??= this.end().finally(() => {
      this.stopping = undefined;
    });
    return this.stopping;
  }

  /** Resolves when no update or evaluation is under way. */
  async idle(): Promise<void> {
    await this.running?.catch(() => undefined);
  }

  /** The next update and evaluation embed their worlds again. */
  forgetWorlds(): void {
    this.active?.forgetWorlds();
  }

  private async end(): Promise<void> {
    this.abort.abort(new Error('Stopped.'));
    await this.idle();
    this.active?.dispose();
    this.active = undefined;
    this.bench.reset();
    this.evaluatedBefore = false;
    this.evaluatedAfter = false;
    this.setState('ready');
  }

  private setState(state: RunState, detail?: string): void {
    if (state === this.state && detail === undefined) return;
    this.state = state;
    this.post({ type: 'state', state, ...(detail === undefined ? {} : { detail }) });
  }

  private async loop(): Promise<void> {
    const { signal } = this.abort;
    this.setState('running');
    const run = (this.active ??= this.begin());
    try {
      if (!this.evaluatedBefore) {
        await this.evaluate(run, 'before', signal);
        this.evaluatedBefore = true;
      }
      while (this.updatesWanted > 0 && !run.finished) {
        this.updatesWanted--;
        const { metrics, groups } = await run.update(this.hooks(run, signal));
        this.post({ type: 'update', metrics, groups });
        const { every } = this.recipe.evaluation;
        if (every > 0 && run.step % every === 0 && !run.finished) await this.evaluate(run, 'during', signal);
      }
      if (run.finished && !this.evaluatedAfter) {
        await this.evaluate(run, 'after', signal);
        this.evaluatedAfter = true;
      }
      this.setState(run.finished ? 'done' : 'paused');
    } catch (error) {
      if (signal.aborted) return;
      this.setState('failed', error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  private begin(): TrainRun {
    const { current, base, tokenizer, retrieverOf } = this.bench;
    return new TrainRun({ policy: current, reference: base, tokenizer, retrieverOf, recipe: this.recipe });
  }

  private hooks(run: TrainRun, signal: AbortSignal) {
    let last = 0;
    return {
      signal,
      breathe,
      onPhase: (phase: Extract<LabEvent, { type: 'phase' }>['phase'], done: number, total: number) => {
        const now = performance.now();
        if (now - last < 80 && done < total) return;
        last = now;
        this.post({ type: 'phase', step: run.step + 1, phase, done, total });
      },
    };
  }

  private async evaluate(
    run: TrainRun,
    when: 'before' | 'during' | 'after',
    signal: AbortSignal,
  ): Promise<void> {
    // No questions, no scores: zeros would look like an answer.
    if (this.recipe.evaluation.questions === 0) return;
    const { scores } = await run.evaluate(this.hooks(run, signal));
    this.post({ type: 'evaluated', when, step: run.step, scores: { musique: scores } });
  }
}
