import type { KeptEmbedder } from '../../../lab/modelStore/protocol.ts';
import { useApp } from '../../store/store.ts';

const none: readonly KeptEmbedder[] = [];

/** Embedding models that are kept in this browser; none before they have been listed. */
export const useEmbedders = (): readonly KeptEmbedder[] =>
  useApp((state) => state.models.listing?.embedders ?? none);
