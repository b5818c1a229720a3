import type { EmbedderFiles } from '../../retrieval/embedderFiles.ts';
import { embedderId } from '../../retrieval/embedderId.ts';
import { buildIndex } from '../../retrieval/kept/buildIndex.ts';
import type { FileStore } from '../../retrieval/kept/fileStore.ts';
import {
  keepCorpus,
  KeptPassages,
  listCorpora,
  removeCorpus,
  sweepCorpora,
} from '../../retrieval/kept/keptCorpus.ts';
import { KeptIndex, listIndexes, removeIndex } from '../../retrieval/kept/keptIndex.ts';
import type { OnnxEmbedder } from '../../retrieval/onnxEmbedder.ts';
import type { ProviderChoice } from '../../retrieval/onnxSession.ts';
import type { Passage } from '../../retrieval/retriever.ts';
import { readCorpusFiles } from '../../world/corpusFile.ts';
import type { KeepEvent, KeepJob, KeepRequest, ListedCorpus } from './keepProtocol.ts';

/** What the desk needs of the place it runs in: a browser worker, or Node in tests. */
export interface KeepPlace {
  openStore(): Promise<FileStore>;
  /** Undefined where it is not kept. */
  keptEmbedder(id: string): Promise<EmbedderFiles | undefined>;
  shippedEmbedder(baseUrl: string): Promise<EmbedderFiles>;
  openEmbedder(files: EmbedderFiles, provider: ProviderChoice): Promise<OnnxEmbedder>;
  /** Runs work that no other tab may do at the same time. @throws in plain words where one does */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** Imports corpora, indexes them, and keeps both: one job at a time, told as events. */
export class KeepDesk {
  private readonly place: KeepPlace;
  private readonly post: (event: KeepEvent) => void;
  private store: FileStore | undefined;
  private turn: Promise<void> = Promise.resolve();
  private baseUrl = '';
  private job: AbortController | undefined;

  constructor(place: KeepPlace, post: (event: KeepEvent) => void) {
    this.place = place;
    this.post = post;
  }

  /** Never rejects: what goes wrong is told. Requests are carried out one after the other; `stop` is of the first. */
  handle(request: KeepRequest): Promise<void> {
    if (request.type === 'stop') {
      this.job?.abort(new Error('Stopped.'));
      return Promise.resolve();
    }
    this.turn = this.turn.then(() => this.carryOut(request));
    return this.turn;
  }

  private async carryOut(request: Exclude<KeepRequest, { type: 'stop' }>): Promise<void> {
    const job = new AbortController();
    this.job = job;
    try {
      this.store ??= await this.place.openStore();
      await this.dispatch(this.store, request, job.signal);
    } catch (error) {
      if (!job.signal.aborted) this.tell(error);
    }
    this.job = undefined;
    await this.list().catch((error: unknown) => this.tell(error));
    this.post({ type: 'job' });
  }

  private tell(error: unknown): void {
    this.post({ type: 'error', message: error instanceof Error ? error.message : String(error) });
  }

  private async dispatch(
    store: FileStore,
    request: Exclude<KeepRequest, { type: 'stop' }>,
    signal: AbortSignal,
  ): Promise<void> {
    switch (request.type) {
      case 'list':
        this.baseUrl = request.baseUrl;
        return;
      case 'import':
        return this.place.alone(() => this.import(store, request.files, signal));
      case 'index':
        return this.place.alone(() => this.index(store, request, signal));
      case 'remove-corpus':
        return this.place.alone(() => removeCorpus(store, request.corpus));
      case 'remove-index':
        return this.place.alone(() => removeIndex(store, request.corpus, request.model));
    }
  }

  private async list(): Promise<void> {
    const { store } = this;
    if (store === undefined) return;
    const corpora: ListedCorpus[] = [];
    for (const corpus of await listCorpora(store)) {
      corpora.push({ ...corpus, indexes: await listIndexes(store, corpus) });
    }
    this.post({ type: 'kept', corpora });
  }

  private async import(store: FileStore, files: readonly File[], signal: AbortSignal): Promise<void> {
    const name = files.map((file) => file.name).join(', ');
    const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
    const tell = (job: KeepJob): void => this.post({ type: 'job', job });
    await sweepCorpora(store);
    let passages = 0;
    const post = this.post;
    async function* coming(): AsyncGenerator<readonly Passage[]> {
      for await (const read of readCorpusFiles(files, (problems) => post({ type: 'problems', problems }))) {
        passages += read.passages.length;
        tell({ kind: 'import', name, bytes: read.bytes, totalBytes, passages });
        yield read.passages;
      }
    }
    post({ type: 'problems', problems: [] });
    post({ type: 'job', job: { kind: 'import', name, bytes: 0, totalBytes, passages } });
    await keepCorpus(store, name, coming(), signal);
  }

  private async index(
    store: FileStore,
    { corpus: corpusId, model, provider }: Extract<KeepRequest, { type: 'index' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const passages = await KeptPassages.open(store, corpusId);
    const { corpus } = passages;
    const begin = { kind: 'index', corpus: corpusId, total: corpus.passages } as const;
    this.post({ type: 'job', job: { ...begin, model, done: 0, kept: 0 } });
    const files = (await this.place.keptEmbedder(model)) ?? (await this.place.shippedEmbedder(this.baseUrl));
    const id = await embedderId(files);
    if (model !== 'shipped' && model !== id) {
      throw new Error(
        'The model of this index is not kept here any more. Add it again, or delete the index.',
      );
    }
    const embedder = await this.place.openEmbedder(files, provider);
    try {
      const where = embedder.provider === 'webgpu' ? [`${embedder.name} runs on WebGPU.`] : [];
      this.post({ type: 'notices', notices: [...embedder.notices, ...where] });
      const { name, dimension } = embedder;
      const index = await KeptIndex.begin(store, corpus, { id, name, dimension });
      // It stands in the list while it is made.
      await this.list();
      const tell = (job: KeepJob): void => this.post({ type: 'job', job });
      await buildIndex(
        index,
        passages,
        embedder,
        ({ done, kept, total, embedded, seconds }) => {
          const rate = embedded / seconds;
          const pace = embedded === 0 ? {} : { rate, secondsLeft: (total - done) / rate };
          tell({ ...begin, model: id, done, kept, ...pace });
        },
        signal,
      );
    } finally {
      await embedder.dispose();
    }
  }
}
