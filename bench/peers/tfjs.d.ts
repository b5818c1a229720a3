/** The part of @tensorflow/tfjs-core 4 that bench/ uses; the packages are installed by the first measurement only. */
declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    readonly shape: number[];
    dispose(): void;
    data(): Promise<Float32Array | Int32Array>;
  }
  export interface Variable extends Tensor {
    readonly name: string;
    assign(value: Tensor): void;
  }
  type GradFunc = (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[];
  type Custom = (...args: (Tensor | ((tensors: Tensor[]) => void))[]) => {
    value: Tensor;
    gradFunc: GradFunc;
  };

  export function setBackend(name: string): Promise<boolean>;
  export function ready(): Promise<void>;
  export function getBackend(): string;
  export function tidy<T>(f: () => T): T;
  export function keep<T extends Tensor>(x: T): T;
  export function dispose(tensors: readonly Tensor[] | Readonly<Record<string, Tensor>>): void;
  export function variable(value: Tensor, trainable?: boolean): Variable;
  export function variableGrads(
    f: () => Tensor,
    variables?: Variable[],
  ): { value: Tensor; grads: Record<string, Tensor> };
  export function grads(f: (...args: Tensor[]) => Tensor): (args: Tensor[], dy?: Tensor) => Tensor[];
  export function valueAndGrads(
    f: (...args: Tensor[]) => Tensor,
  ): (args: Tensor[], dy?: Tensor) => { grads: Tensor[]; value: Tensor };
  export function customGrad(f: Custom): (...args: Tensor[]) => Tensor;

  export function tensor(
    values: Float32Array | Int32Array,
    shape?: readonly number[],
    dtype?: 'float32' | 'int32',
  ): Tensor;
  export function scalar(value: number): Tensor;
  export function zeros(shape: readonly number[]): Tensor;
  export function oneHot(indices: Tensor, depth: number): Tensor;
  export function gather(x: Tensor, indices: Tensor): Tensor;
  export function scatterND(indices: Tensor, updates: Tensor, shape: readonly number[]): Tensor;
  export function matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  export function transpose(x: Tensor, perm?: readonly number[]): Tensor;
  export function reshape(x: Tensor, shape: readonly number[]): Tensor;
  export function slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor;
  export function split(x: Tensor, sections: number, axis: number): Tensor[];
  export function concat(tensors: readonly Tensor[], axis: number): Tensor;
  export function tile(x: Tensor, repeats: readonly number[]): Tensor;
  export function expandDims(x: Tensor, axis: number): Tensor;
  export function add(a: Tensor, b: Tensor | number): Tensor;
  export function sub(a: Tensor, b: Tensor | number): Tensor;
  export function mul(a: Tensor, b: Tensor | number): Tensor;
  export function div(a: Tensor | number, b: Tensor | number): Tensor;
  export function minimum(a: Tensor | number, b: Tensor | number): Tensor;
  export function sqrt(x: Tensor): Tensor;
  export function rsqrt(x: Tensor): Tensor;
  export function square(x: Tensor): Tensor;
  export function sigmoid(x: Tensor): Tensor;
  export function softmax(x: Tensor): Tensor;
  export function sum(x: Tensor, axis?: number, keepDims?: boolean): Tensor;
  export function mean(x: Tensor, axis?: number, keepDims?: boolean): Tensor;
  export const losses: { softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor };
}

declare module '@tensorflow/tfjs-core/dist/register_all_gradients';

declare module '@tensorflow/tfjs-backend-wasm' {
  export function setWasmPaths(prefix: string): void;
  export function setThreadsCount(count: number): void;
  export function getThreadsCount(): number;
}

declare module '@tensorflow/tfjs-backend-webgpu';
