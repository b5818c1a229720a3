/** The part of @jax-js/jax that bench/ uses; the package itself is installed by the first measurement only. */
declare module '@jax-js/jax' {
  type Axis = number | readonly number[];

  /** Arrays are counted: an array passed to any function is given away, `ref` keeps one for later. */
  export class Array {
    readonly shape: number[];
    get ref(): this;
    dispose(): void;
    add(other: Array | number): Array;
    sub(other: Array | number): Array;
    mul(other: Array | number): Array;
    div(other: Array | number): Array;
    neg(): Array;
    sum(axis?: Axis, options?: { keepdims?: boolean }): Array;
    mean(axis?: Axis, options?: { keepdims?: boolean }): Array;
    reshape(shape: readonly number[]): Array;
    transpose(perm?: readonly number[]): Array;
    slice(...index: ([] | [number] | [number, number] | number | null)[]): Array;
    data(): Promise<Float32Array | Int32Array>;
    blockUntilReady(): Promise<Array>;
  }

  export type Tree = Array | readonly Tree[] | { readonly [name: string]: Tree };

  export const numpy: {
    array(values: Float32Array | Int32Array | number, options?: { shape?: readonly number[] }): Array;
    matmul(x: Array, y: Array): Array;
    sqrt(x: Array): Array;
    square(x: Array): Array;
    reciprocal(x: Array): Array;
    minimum(x: Array | number, y: Array | number): Array;
    concatenate(arrays: readonly Array[], axis: number): Array;
    split(x: Array, sections: number, axis: number): Array[];
    take(x: Array, indices: Array, axis: number): Array;
  };
  export const nn: {
    silu(x: Array): Array;
    oneHot(x: Array, classes: number): Array;
    logSoftmax(x: Array, axis: number): Array;
    dotProductAttention(q: Array, k: Array, v: Array, options: { isCausal: boolean }): Array;
  };
  export const tree: {
    ref<T extends Tree>(tree: T): T;
    dispose(tree: Tree): void;
  };

  export function init(...devices: ('wasm' | 'webgpu')[]): Promise<string[]>;
  export function defaultDevice(device: 'wasm' | 'webgpu'): string;
  export function jit<Arguments extends readonly Tree[], Result extends Tree>(
    f: (...args: Arguments) => Result,
  ): ((...args: Arguments) => Result) & { dispose(): void };
  export function valueAndGrad<First extends Tree, Rest extends readonly Tree[]>(
    f: (first: First, ...rest: Rest) => Array,
  ): (first: First, ...rest: Rest) => [Array, First];
  export function blockUntilReady<T extends Tree>(tree: T): Promise<T>;
}
