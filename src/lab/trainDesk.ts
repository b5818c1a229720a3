import type { RunCheckpoint } from './checkpoint.ts';
import { CheckpointAsks } from './checkpointAsks.ts';
import { PhaseGate } from './phaseGate.ts';
import type { LabEvent, LabRequest, RunState } from './protocol.ts';
import type { Recipe } from './recipe.ts';
import { TrainRun, type RunHooks } from './trainRun.ts';
import { changedFields, takesEffect } from './turning.ts';
import { pacedHooks, toldHooks, watchedHooks, type AtWork, type Look } from './updateHooks.ts';
import type { Workbench } from './workbench.ts';

/** Starts, pauses, steps and stops one run, and tells what happens. */
export class TrainDesk {
  private readonly bench: Workbench;
  private recipe: Recipe;
  /** Taken over before the next update. */
  private turned: Recipe | undefined;
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
  /** While an update is watched: where it is held, and how it is looked at. */
  private gate: PhaseGate | undefined;
  private look: Look = { group: 0, pace: 0 };
  /** Least milliseconds between two tokens of updates that are not watched. */
  private pace = 0;
  private readonly asks = new CheckpointAsks();

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
    // The update that is held is one of those wanted.
    this.updatesWanted = this.gate === undefined ? updates : updates - 1;
    if (this.running) {
      this.setState('running');
      this.gate?.release();
      return;
    }
    await this.work();
  }

  /** Begins a watched update, or lets the one that is held go on by one phase. */
  async stepPhase(look: Omit<Extract<LabRequest, { type: 'step-phase' }>, 'type'>): Promise<void> {
    await this.stopping;
    const { gate } = this;
    if (gate === undefined && this.running) {
      if (this.updatesWanted > 0) throw new Error('Updates are running: pause them first.');
      await this.idle();
    }
    this.look = look;
    if (gate !== undefined) {
      if (!gate.holding) return;
      this.setState('running');
      gate.step();
      return;
    }
    this.updatesWanted = 1;
    this.gate = new PhaseGate();
    await this.work();
  }

  private async work(): Promise<void> {
    this.abort = new AbortController();
    this.running = this.loop();
    try {
      await this.running;
    } finally {
      this.running = undefined;
      this.gate = undefined;
      this.asks.refuse('The run ended before it could be kept.');
    }
  }

  /** How fast rollouts are written from their next token on; what is written stays the same. */
  setPace(milliseconds: number): void {
    this.pace = milliseconds;
  }

  /** Stops after the update that is under way. */
  pause(): void {
    this.updatesWanted = 0;
    if (this.running && this.gate?.holding !== true) this.setState('pausing');
  }

  /** Ends the run: the policy in training is the base again. */
  stop(): Promise<void> {
    this.stops++;
    this.stopping ??= this.end().finally(() => {
      this.stopping = undefined;
    });
    return this.stopping;
  }

  /** Takes a recipe over before the next update. @throws when something differs that needs a new run */
  turn(recipe: Recipe): void {
    const fixed = changedFields(this.recipe, recipe).filter((field) => takesEffect(field) === 'new run');
    if (fixed.length > 0)
      throw new Error(`${fixed.join(', ')}: needs a new run. Begin again with the change.`);
    if (recipe.rollout.temperature <= 0)
      throw new Error('rollout.temperature is 0: rollouts would be alike.');
    this.turned = recipe;
    if (!this.running) this.takeOver();
  }

  private takeOver(): void {
    const { turned, active } = this;
    if (turned === undefined) return;
    this.turned = undefined;
    this.recipe = turned;
    active?.turn(turned);
    this.post({ type: 'turned', step: active?.step ?? 0, recipe: turned });
    // More updates than it has done: there is something to go on with.
    if (this.state === 'done' && active?.finished === false) {
      this.evaluatedAfter = false;
      this.setState('paused');
    }
  }

  /** The run as it is after the update that is under way, or now if none is. */
  checkpoint(): Promise<RunCheckpoint> {
    if (this.active === undefined) return Promise.reject(new Error('There is no run to keep.'));
    return this.running ? this.asks.ask() : this.take(this.active);
  }

  /** What is trained, as it is after the update that is under way: [size], padding included. */
  async weights(): Promise<Float32Array> {
    const { parameters } = this.bench.current;
    if (this.active === undefined) return parameters.backend.readF32(parameters.flat);
    return (await this.checkpoint()).weights;
  }

  /** Ends the run, and goes on with one of the same recipe from its checkpoint. @throws when it is of another model */
  async resume(checkpoint: RunCheckpoint): Promise<void> {
    await this.stop();
    const run = this.begin();
    try {
      run.restore(checkpoint);
    } catch (error) {
      run.dispose();
      throw error;
    }
    this.active = run;
    this.evaluatedBefore = checkpoint.evaluatedBefore;
    this.evaluatedAfter = checkpoint.evaluatedAfter;
    this.setState(run.finished && this.evaluatedAfter ? 'done' : 'paused');
  }

  private async take(run: TrainRun): Promise<RunCheckpoint> {
    const { evaluatedBefore, evaluatedAfter } = this;
    return { ...(await run.checkpoint()), evaluatedBefore, evaluatedAfter };
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
    const atWork = { run, signal, post: this.post };
    try {
      await this.evaluateBefore(atWork);
      this.takeOver();
      while (this.updatesWanted > 0 && !run.finished) {
        await this.evaluateBefore(atWork);
        this.updatesWanted--;
        const { metrics, groups } = await run.update(this.updateHooks(atWork));
        this.gate = undefined;
        const memoryBytes = this.bench.backend.memory().peakBytes;
        this.post({ type: 'update', metrics, groups, memoryBytes });
        await this.asks.tell(() => this.take(run));
        this.takeOver();
        const { every } = this.recipe.evaluation;
        if (every > 0 && run.step % every === 0 && !run.finished) await this.evaluate(atWork, 'during');
      }
      if (run.finished && !this.evaluatedAfter) {
        await this.evaluateBefore(atWork);
        await this.evaluate(atWork, 'after');
        this.evaluatedAfter = true;
      }
      await this.asks.tell(() => this.take(run));
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

  /** Who steps by phase wants to see an update first: the policy as it was can be asked later just as well. */
  private async evaluateBefore(atWork: AtWork): Promise<void> {
    if (this.evaluatedBefore || this.gate !== undefined) return;
    await this.evaluate(atWork, 'before');
    this.evaluatedBefore = true;
  }

  /** Of one update: held between its phases where somebody steps through it. */
  private updateHooks(atWork: AtWork): RunHooks {
    if (this.gate === undefined) return pacedHooks(atWork, () => this.pace);
    return watchedHooks(
      atWork,
      this.gate,
      () => this.look,
      () => this.setState('paused'),
    );
  }

  private async evaluate(atWork: AtWork, when: 'before' | 'during' | 'after'): Promise<void> {
    // No questions, no scores: zeros would look like an answer.
    if (this.recipe.evaluation.questions === 0) return;
    const { run } = atWork;
    const of = when === 'before' ? 'reference' : 'policy';
    const { scores } = await run.evaluate(toldHooks(atWork), this.recipe.evaluation.questions, of);
    const step = when === 'before' ? 0 : run.step;
    this.post({ type: 'evaluated', when, step, scores: { musique: scores } });
  }
}
