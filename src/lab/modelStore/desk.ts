import type { StoreEvent, StoreRequest } from './protocol.ts';
import type { ModelStore } from './store.ts';
import { isAbort, messageOf } from './words.ts';

/** Takes the page's requests to the store, one after the other, and tells what comes of them. */
export class StoreDesk {
  private readonly open: () => Promise<ModelStore>;
  private readonly post: (event: StoreEvent) => void;
  private store: Promise<ModelStore> | undefined;
  private before: Promise<void> = Promise.resolve();
  private stopper = new AbortController();

  constructor(open: () => Promise<ModelStore>, post: (event: StoreEvent) => void) {
    this.open = open;
    this.post = post;
  }

  /** Never rejects: what goes wrong is told. */
  handle(request: StoreRequest): Promise<void> {
    if (request.type === 'stop') {
      this.stopper.abort();
      return Promise.resolve();
    }
    this.before = this.before.then(() => this.answer(request));
    return this.before;
  }

  private async answer(request: Exclude<StoreRequest, { type: 'stop' }>): Promise<void> {
    this.stopper = new AbortController();
    try {
      this.store ??= this.open();
      const store = await this.store.catch((error: unknown) => {
        // Asked again, it may be there.
        this.store = undefined;
        throw error;
      });
      await this.perform(store, request, this.stopper.signal);
    } catch (error) {
      if (!isAbort(error)) this.post({ type: 'error', request: request.type, message: messageOf(error) });
    }
    if (request.type !== 'inspect') await this.tellListing();
    this.post({ type: 'over', request: request.type });
  }

  private async perform(
    store: ModelStore,
    request: Exclude<StoreRequest, { type: 'stop' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const tell = (progress: Extract<StoreEvent, { type: 'progress' }>['progress']): void =>
      this.post({ type: 'progress', progress });
    if ('tokens' in request) store.useTokens(request.tokens);
    switch (request.type) {
      case 'list':
        return;
      case 'inspect': {
        const found = await store.inspect(request.wanted, signal);
        if ('gguf' in found) this.post({ type: 'choice', wanted: request.wanted, choice: found });
        else this.post({ type: 'offer', offer: found });
        return;
      }
      case 'download':
        this.post({ type: 'kept', name: (await store.download(request.name, signal, tell)).name });
        return;
      case 'take': {
        const { folder, files, embedder } = request;
        this.post({
          type: 'kept',
          name: (await store.takeFiles(folder, files, signal, tell, embedder)).name,
        });
        return;
      }
      case 'remove':
        return store.remove(request.name);
      case 'discard':
        return store.discard(request.name);
    }
  }

  private async tellListing(): Promise<void> {
    const store = await this.store?.catch(() => undefined);
    if (store === undefined) return;
    try {
      this.post({ type: 'listing', listing: await store.list() });
    } catch (error) {
      this.post({ type: 'error', request: 'list', message: messageOf(error) });
    }
  }
}
