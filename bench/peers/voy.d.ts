/** What bench/ uses of voy-search 0.6.3. */
export interface VoyResource {
  readonly embeddings: readonly {
    readonly id: string;
    readonly title: string;
    readonly url: string;
    readonly embeddings: readonly number[];
  }[];
}

export interface Voy {
  add(resource: VoyResource): void;
  search(query: Float32Array, k: number): { readonly neighbors: readonly { readonly id: string }[] };
}

/** voy_search_bg.js; its entry voy_search.js imports the .wasm as a module, which browsers do not. */
export interface VoyModule extends WebAssembly.ModuleImports {
  readonly Voy: new (resource: VoyResource) => Voy;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}
