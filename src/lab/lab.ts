import { breathe } from './breathe.ts';
import { runEvaluation } from './evaluateDesk.ts';
import type { CorpusMap } from './corpusMap.ts';
import { Eventual } from './eventual.ts';
import { giveUp, loadedOn, reading, type Loaded } from './loaded.ts';
import { ModelDesk } from './modelDesk.ts';
import type { LabEvent, LabRequest } from './protocol.ts';
import type { Trace } from '../traces/trace.ts';
import type { Surroundings } from './surroundings.ts';
import { WebllmDesk, type WebllmPlace } from './webllmDesk.ts';
import { evaluateWebllm } from './webllmEvaluation.ts';
import { embeddedBy, Workbench } from './workbench.ts';

/**
 * The lab behind the page: takes requests, tells events. Knows the protocol and nothing of workers or React, so that
 * it runs in a worker, and in Node for tests. Requests are handled as they come; those that change what is loaded
 * wait for each other.
 */
export class Lab {
  private readonly surroundingsOf: (baseUrl: string, giveWay?: Int32Array) => Surroundings;
  private readonly post: (event: LabEvent) => void;
  private readonly cancellations = new Map<number, AbortController>();
  private loaded: Loaded | undefined;
  private changes: Promise<void> = Promise.resolve();
  private readonly webllm: WebllmDesk;
  private readonly models: ModelDesk;

  constructor(
    surroundingsOf: (baseUrl: string, giveWay?: Int32Array) => Surroundings,
    post: (event: LabEvent) => void,
    webllm: WebllmPlace,
  ) {
    this.surroundingsOf = surroundingsOf;
    this.post = post;
    this.models = new ModelDesk(post);
    this.webllm = new WebllmDesk(webllm, (state) => this.post({ type: 'webllm', state }));
  }

  /** Never rejects: what goes wrong is told as an `error` event that names the request. */
  async handle(request: LabRequest): Promise<void> {
    try {
      await this.dispatch(request);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const id = 'id' in request ? { id: request.id } : {};
      this.post({ type: 'error', request: request.type, ...id, message });
    }
  }

  private async dispatch(request: LabRequest): Promise<void> {
    switch (request.type) {
      case 'load':
        this.models.stop();
        await this.inTurn(() => this.load(request));
        return this.expectEmbedder();
      case 'start':
        return this.open().train.run(Infinity);
      case 'step':
        return this.open().train.run(1);
      case 'step-phase':
        return this.open().train.stepPhase(request);
      case 'turn': {
        const loaded = this.open();
        loaded.train.turn(request.recipe);
        loaded.recipe = request.recipe;
        return;
      }
      case 'checkpoint': {
        const checkpoint = await this.open().train.checkpoint();
        this.post({ type: 'checkpoint', id: request.id, checkpoint });
        return;
      }
      case 'resume':
        return this.open().train.resume(request.checkpoint);
      case 'pace':
        this.open().train.setPace(request.pace);
        return;
      case 'pause':
        this.open().train.pause();
        return;
      case 'stop':
        return this.open().train.stop();
      case 'corpus':
        return this.cancellable(request.id, (signal) => this.inTurn(() => this.openCorpus(request, signal)));
      case 'embedder':
        return this.cancellable(request.id, (signal) =>
          this.inTurn(() => this.changeEmbedder(request, signal)),
        );
      case 'play':
        return this.cancellable(request.id, (signal) =>
          this.rollOut(request.id, signal, ({ bench, recipe, play }, either, tell) =>
            play.play(bench, recipe, request, either, tell),
          ),
        );
      case 'fork':
        return this.cancellable(request.id, (signal) =>
          this.rollOut(request.id, signal, ({ bench, recipe, play, forks }, either, tell) =>
            forks.fork(bench, recipe, () => play.openRetriever(), request, either, tell),
          ),
        );
      case 'alternatives': {
        const loaded = this.open();
        const tokens = await reading(loaded, loaded.play.alternatives(loaded.bench, request));
        this.post({ type: 'alternatives', id: request.id, tokens });
        return;
      }
      case 'evaluate':
        return this.cancellable(request.id, (signal) => this.evaluate(request, signal));
      case 'map': {
        const map = await this.openMap();
        this.post({ type: 'map', id: request.id, ...(await map.map()) });
        return;
      }
      case 'near': {
        const map = await this.openMap();
        this.post({ type: 'near', id: request.id, ...(await map.near(request)) });
        return;
      }
      case 'passages': {
        await this.changes;
        const loaded = this.open();
        const passages = await reading(loaded, loaded.play.passagesAt(request.places));
        this.post({ type: 'passages', id: request.id, passages });
        return;
      }
      case 'webllm-load':
        return this.webllm.load(request);
      case 'webllm-unload':
        return this.webllm.unload();
      case 'webllm-play':
        return this.cancellable(request.id, (signal) =>
          this.rollOut(request.id, signal, ({ recipe, play }, either, tell) =>
            this.webllm.play(play.openRetriever(), recipe, request, either, tell),
          ),
        );
      case 'webllm-evaluate':
        return this.cancellable(request.id, (signal) => this.evaluate(request, signal));
      case 'estimate':
        return this.models.estimate(request, this.surroundingsOf(request.baseUrl), this.loaded);
      case 'export':
        return this.cancellable(request.id, (signal) => this.models.export(request, this.open(), signal));
      case 'cancel':
        this.cancellations.get(request.id)?.abort(new Error('Stopped.'));
    }
  }

  private open(): Loaded {
    if (!this.loaded) throw new Error('The engine is not loaded yet.');
    return this.loaded;
  }

  private async openMap(): Promise<CorpusMap> {
    await this.changes;
    const loaded = this.open();
    return reading(loaded, loaded.play.openMap());
  }

  /** Runs changes one after the other; a failed one does not hold up the next. */
  private inTurn(change: () => Promise<void>): Promise<void> {
    const mine = this.changes.then(change);
    this.changes = mine.catch(() => undefined);
    return mine;
  }

  private async cancellable(id: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    this.cancellations.set(id, controller);
    try {
      await work(controller.signal);
    } finally {
      this.cancellations.delete(id);
    }
  }

  /**
   * Loads anew. Ends the run; what else was loaded stays in use until the new bench is ready, and then its corpus and
   * its rollouts go with it.
   */
  private async load(request: Extract<LabRequest, { type: 'load' }>): Promise<void> {
    const { recipe, backend, baseUrl, adapter, giveWay } = request;
    const before = this.loaded;
    await before?.train.stop();
    this.post({ type: 'state', state: 'loading' });
    try {
      const surroundings = this.surroundingsOf(baseUrl, giveWay);
      const tell = (what: string, done: number, total: number): void =>
        this.post({ type: 'progress', what, done, total });
      const bench = await this.models.inTurn(() =>
        Workbench.open({ recipe, backend, adapter }, surroundings, tell),
      );
      this.loaded = loadedOn(bench, recipe, surroundings, this.post);
      if (before) await giveUp(before);
      this.post({ type: 'loaded', info: bench.loaded });
      this.post({ type: 'state', state: 'ready' });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.post({ type: 'state', state: before ? 'ready' : 'failed', detail });
      throw error;
    }
  }

  /** The embedding model comes after the policies: nothing waits for it but searches. That it does not come is told. */
  private async expectEmbedder(): Promise<void> {
    try {
      await this.loaded?.bench.embedder.get();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.post({ type: 'error', request: 'embedder', message });
    }
  }

  private async openCorpus(
    { id, corpus }: Extract<LabRequest, { type: 'corpus' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { bench, recipe, play, surroundings } = this.open();
    const openKept: Surroundings['openKept'] = (choice) => surroundings.openKept(choice);
    const opened = await play.open(bench, recipe, corpus, openKept, signal);
    this.post({ type: 'corpus', id, ...opened });
  }

  private async changeEmbedder(
    { id, embedder }: Extract<LabRequest, { type: 'embedder' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const loaded = this.open();
    const { bench, train, play, forks, surroundings } = loaded;
    const next = await surroundings.openEmbedder(embedder);
    try {
      signal.throwIfAborted();
      await play.reembed(embeddedBy(next), signal);
    } catch (error) {
      await next.dispose();
      throw error;
    }
    const old = await bench.embedder.ifBegun();
    bench.embedder = new Eventual(() => Promise.resolve(next));
    bench.embedder.begin();
    train.forgetWorlds();
    forks.forgetWorlds();
    // Rollouts under way still search with the old one.
    void Promise.allSettled([...loaded.readers, train.idle()]).then(() => old?.dispose());
    this.post({ type: 'embedder', id, name: next.name, dimension: next.dimension });
  }

  /** One rollout, told as `play` events while it is written; over when something else is loaded. */
  private async rollOut(
    id: number,
    signal: AbortSignal,
    write: (loaded: Loaded, signal: AbortSignal, tell: (snapshot: Trace) => void) => Promise<Trace>,
  ): Promise<void> {
    await this.changes;
    await breathe();
    const loaded = this.open();
    const either = AbortSignal.any([signal, loaded.replaced.signal]);
    const rollout = write(loaded, either, (trace) => this.post({ type: 'play', id, trace, done: false }));
    const trace = await reading(loaded, rollout);
    this.post({ type: 'play', id, trace, done: true });
  }

  private async evaluate(
    request: Extract<LabRequest, { type: 'evaluate' | 'webllm-evaluate' }>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.changes;
    const loaded = this.open();
    const { bench, recipe, replaced } = loaded;
    const either = AbortSignal.any([signal, replaced.signal]);
    const began = performance.now();
    const work =
      request.type === 'evaluate'
        ? runEvaluation(bench, recipe, request, either, this.post)
        : evaluateWebllm(this.webllm, bench, recipe, request, either, this.post);
    await reading(loaded, work);
    this.post({
      type: 'evaluationDone',
      id: request.id,
      seconds: (performance.now() - began) / 1000,
    });
  }
}
