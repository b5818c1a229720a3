/** The shipped policy as the peers get it, and questions to put to it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runExport } from '../src/cli/export.ts';
import { openPolicy } from '../src/cli/models.ts';
import { nodeHost } from '../src/engine/wasm/nodeHost.ts';
import { createWasmBackend, type WasmBackend } from '../src/engine/wasm/wasmBackend.ts';
import type { LoadedModel } from '../src/lab/modelFiles.ts';
import { nanoPrompt } from '../src/text/chatTemplate.ts';
import type { Tokenizer } from '../src/text/tokenizer.ts';
import { generateWorld } from '../src/world/generate.ts';
import type { Question } from '../src/world/types.ts';

/** Threads of ours and of every peer. */
export const THREADS = Math.min(2, availableParallelism());

const MODEL = 'public/models/nano';
/** Tokens of a prompt: about a question's. */
export const PROMPT_TOKENS = 32;

export interface BenchPolicy extends LoadedModel {
  readonly backend: WasmBackend;
  /** Holds `hf/` and `policy.gguf`, written by the export command in 32 bits. */
  readonly exported: string;
  close(): Promise<void>;
}

export async function openBenchPolicy(which: 'base' | 'trained'): Promise<BenchPolicy> {
  const backend = await createWasmBackend({ host: nodeHost, threads: THREADS });
  const exported = await mkdtemp(join(tmpdir(), 'bench-policy-'));
  const common = ['--policy', which, '--dtype', 'f32', '--json', join(exported, 'export.json')];
  await runExport([...common, '--format', 'hf', '--out', join(exported, 'hf')]);
  await runExport([...common, '--format', 'gguf', '--out', join(exported, 'policy.gguf')]);
  const { decoder, tokenizer } = await openPolicy(backend, MODEL, which);
  return {
    backend,
    decoder,
    tokenizer,
    exported,
    close: async () => {
      backend.dispose();
      await rm(exported, { recursive: true });
    },
  };
}

export interface Prompt {
  readonly question: Question;
  readonly ids: readonly number[];
  readonly text: string;
}

/** Questions of a generated world whose prompts are nearest to `PROMPT_TOKENS` tokens. */
export function prompts(tokenizer: Tokenizer, count: number): Prompt[] {
  const world = generateWorld({
    seed: 1,
    passages: 220,
    namesakes: 0.45,
    hops: { two: 0.72, three: 0.22, four: 0.06 },
    questions: 20 * count,
  });
  const off = ({ ids }: Prompt): number => Math.abs(ids.length - PROMPT_TOKENS);
  return world.questions
    .map((question) => {
      const ids = nanoPrompt.build(question.text, tokenizer);
      return { question, ids, text: tokenizer.decode(ids) };
    })
    .sort((a, b) => off(a) - off(b))
    .slice(0, count);
}
