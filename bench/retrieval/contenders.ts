/** The three indexes behind one shape. */
import type { HnswlibModule } from '../peers/hnswlib.d.ts';
import type { VoyModule, VoyResource } from '../peers/voy.d.ts';
import { createVectorIndex } from '../../src/retrieval/vectorIndex.ts';
import type { VectorSet } from './vectors.ts';

export interface BuiltIndex {
  readonly buildSeconds: number;
  /** Rows of the k nearest to each query; `queries` is flat [Q, dimension]. */
  search(queries: Float32Array, k: number): readonly (readonly number[])[];
}

export type IndexName = 'ours' | 'hnswlib-wasm' | 'voy';

/** hnswlib's own defaults of construction; breadth of search at which it finds most of what is near. */
const HNSW = { m: 16, efConstruction: 200, seed: 100, efSearch: 64 };
/** Vectors added between two looks at the clock. */
const CHUNK = 250;

/** Vectors of a set, one by one. */
const rowsOf = (flat: Float32Array, dimension: number): Float32Array[] =>
  Array.from({ length: flat.length / dimension }, (_, row) =>
    flat.subarray(row * dimension, (row + 1) * dimension),
  );

/** Adds all rows in chunks; throws when that takes longer than `mostSeconds`, saying how far it came. */
async function addAll(
  count: number,
  mostSeconds: number,
  add: (from: number, to: number) => void,
): Promise<number> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  for (let from = 0; from < count; from += CHUNK) {
    const to = Math.min(count, from + CHUNK);
    add(from, to);
    if (seconds() > mostSeconds && to < count) {
      throw new Error(`its index held ${to} of ${count} vectors after ${seconds().toFixed(0)} s`);
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  return seconds();
}

function buildOurs({ stored, dimension }: VectorSet): BuiltIndex {
  const began = performance.now();
  const index = createVectorIndex(stored, dimension);
  const buildSeconds = (performance.now() - began) / 1000;
  return {
    buildSeconds,
    search: (queries, k) => index.search(queries, k).map((found) => found.map(({ row }) => row)),
  };
}

async function buildHnswlib(
  folder: string,
  { stored, dimension }: VectorSet,
  mostSeconds: number,
): Promise<BuiltIndex> {
  const module = (await import(/* @vite-ignore */ `${folder}dist/hnswlib.js`)) as HnswlibModule;
  const { HierarchicalNSW } = await module.loadHnswlib();
  const vectors = rowsOf(stored, dimension);
  const index = new HierarchicalNSW('ip', dimension, '');
  index.initIndex(vectors.length, HNSW.m, HNSW.efConstruction, HNSW.seed);
  index.setEfSearch(HNSW.efSearch);
  const buildSeconds = await addAll(vectors.length, mostSeconds, (from, to) => {
    vectors.slice(from, to).forEach((vector, i) => index.addPoint(vector, from + i, false));
  });
  return {
    buildSeconds,
    search: (queries, k) =>
      rowsOf(queries, dimension).map((query) => index.searchKnn(query, k, undefined).neighbors),
  };
}

async function buildVoy(
  folder: string,
  { stored, dimension }: VectorSet,
  mostSeconds: number,
): Promise<BuiltIndex> {
  const voy = (await import(/* @vite-ignore */ `${folder}voy_search_bg.js`)) as VoyModule;
  const bytes = await (await fetch(`${folder}voy_search_bg.wasm`)).arrayBuffer();
  const { instance } = await WebAssembly.instantiate(bytes, { './voy_search_bg.js': { ...voy } });
  voy.__wbg_set_wasm(instance.exports);
  const vectors = rowsOf(stored, dimension);
  const resource = (from: number, to: number): VoyResource => ({
    embeddings: vectors.slice(from, to).map((vector, i) => ({
      id: String(from + i),
      title: '',
      url: '',
      embeddings: Array.from(vector),
    })),
  });
  const index = new voy.Voy({ embeddings: [] });
  const buildSeconds = await addAll(vectors.length, mostSeconds, (from, to) => index.add(resource(from, to)));
  return {
    buildSeconds,
    search: (queries, k) =>
      rowsOf(queries, dimension).map((query) => index.search(query, k).neighbors.map(({ id }) => Number(id))),
  };
}

/** Builds an index; throws when it cannot be had here, or not within `mostSeconds`. `peers`: address of node_modules. */
export async function buildIndex(
  name: IndexName,
  peers: string,
  set: VectorSet,
  mostSeconds: number,
): Promise<BuiltIndex> {
  switch (name) {
    case 'ours':
      return buildOurs(set);
    case 'hnswlib-wasm':
      return buildHnswlib(`${peers}hnswlib-wasm/`, set, mostSeconds);
    case 'voy':
      return buildVoy(`${peers}voy-search/`, set, mostSeconds);
  }
}
