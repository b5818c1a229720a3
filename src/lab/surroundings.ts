import type { Backend } from '../engine/backend.ts';
import type { Embedder } from '../retrieval/embedder.ts';
import type { OpenKept } from './keeping/openKept.ts';
import type { ModelSource } from './modelSource.ts';
import type { BackendChoice, CorpusChoice, EmbedderChoice } from './protocol.ts';

export interface OpenedBackend {
  readonly backend: Backend;
  /** Set when the wanted backend could not be had: what happened, in words. */
  readonly notice?: string;
}

/** What a lab needs of the place it runs in: a browser worker, or Node in tests. */
export interface Surroundings {
  openBackend(wanted: BackendChoice): Promise<OpenedBackend>;
  /** The model that a recipe names. @throws when there is none of that name, in words */
  model(name: string): Promise<ModelSource>;
  openEmbedder(choice: EmbedderChoice | 'shipped'): Promise<Embedder>;
  /** A corpus that is kept, with its index. */
  openKept(choice: Extract<CorpusChoice, { kind: 'kept' }>): Promise<OpenKept>;
}
