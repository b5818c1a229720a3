import type { ExportOptions } from './exportModel.ts';
import type { MemoryEstimate } from './memoryEstimate.ts';
import type { BackendChoice } from './protocol.ts';
import type { Recipe } from './recipe.ts';

/** What page and lab say to each other of a model as files, and of the memory that training it takes. */

/** A saved LoRA adapter that a run begins with: the bytes of PEFT's two files. */
export interface AdapterChoice {
  /** For people. */
  readonly name: string;
  readonly config: Uint8Array;
  readonly weights: Uint8Array;
}

/** The adapter that is trained, or the model with all that was learned in it. */
export type ExportChoice =
  { readonly what: 'adapter' } | ({ readonly what: 'model' } & Pick<ExportOptions, 'format' | 'numbers'>);

export type ModelRequest =
  /** What a recipe would take, before anything of size is loaded. */
  | {
      readonly type: 'estimate';
      readonly id: number;
      readonly recipe: Recipe;
      readonly backend: BackendChoice;
      readonly baseUrl: string;
    }
  /**
   * Writes what is trained, as it is after the update that is under way: file by file into a folder, or without one in
   * the browser's keeping. Tells `exportProgress`, then `exported`. `cancel` ends it; a load does too.
   */
  | {
      readonly type: 'export';
      readonly id: number;
      readonly choice: ExportChoice;
      readonly folder?: FileSystemDirectoryHandle;
    };

export type ModelEvent =
  | {
      readonly type: 'estimated';
      readonly id: number;
      readonly estimate: MemoryEstimate;
      readonly backendLabel: string;
      /** Most bytes that the backend can hold, where that is known. */
      readonly limit?: number;
      /** Why a run would be refused, and the mend. */
      readonly refusal?: string;
    }
  /** Bytes of all files. */
  | {
      readonly type: 'exportProgress';
      readonly id: number;
      readonly file: string;
      readonly done: number;
      readonly total: number;
    }
  /** `content` is absent where they were written into a folder. */
  | {
      readonly type: 'exported';
      readonly id: number;
      readonly files: readonly { readonly name: string; readonly content?: Blob }[];
    };
