/** What bench/ uses of hnswlib-wasm 0.8.2. */
export interface HierarchicalNSW {
  initIndex(maxElements: number, m: number, efConstruction: number, randomSeed: number): void;
  addPoint(point: Float32Array, label: number, replaceDeleted: boolean): void;
  setEfSearch(ef: number): void;
  searchKnn(query: Float32Array, k: number, filter: undefined): { readonly neighbors: readonly number[] };
}

/** dist/hnswlib.js; runs in a browser only. */
export interface HnswlibModule {
  loadHnswlib(): Promise<{
    readonly HierarchicalNSW: new (space: 'ip', dimension: number, saveTo: '') => HierarchicalNSW;
  }>;
}
