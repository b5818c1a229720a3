/** One sequence against llama.cpp in WebAssembly: both in one page of a headless Chromium. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PageResult } from '../browser/decodePage.ts';
import { PEERS, startBrowser } from '../browser/host.ts';
import { agreement } from '../greedy.ts';
import type { ProductLimit } from '../limits/productLimit.ts';
import type { BenchPolicy, Prompt } from '../policy.ts';
import type { Row } from '../suite.ts';
import { decodeFlops } from '../work/decoderFlops.ts';

const WLLAMA = '@wllama/wllama/';

export interface PageOptions {
  readonly tokens: number;
  /** Of each engine. */
  readonly threads: number;
  readonly quick: boolean;
  readonly limit: ProductLimit;
}

export async function decodeInPage(
  { decoder, exported }: BenchPolicy,
  { ids, text }: Prompt,
  { tokens, threads, quick, limit }: PageOptions,
): Promise<Row> {
  const shape = `1 × ${tokens} tokens after a prompt of ${ids.length}, greedy, in Chromium`;
  const row = { suite: 'decode', unit: 'tokens/s', floor: 1 };
  const absent = (why: string): Row => ({
    ...row,
    case: shape,
    ours: null,
    peer: null,
    peerName: 'llama.cpp (wllama)',
    ratio: null,
    note: `absent: ${why}`,
  });
  if (!existsSync(fileURLToPath(new URL(`../node_modules/${WLLAMA}`, import.meta.url)))) {
    return absent('@wllama/wllama is not installed in bench/');
  }
  const task = {
    threads,
    prompt: ids,
    promptText: text,
    tokens,
    measure: quick ? { warmups: 1, rounds: 3, seconds: 0 } : { warmups: 3, rounds: 15, seconds: 20 },
    wllama: `${PEERS}${WLLAMA}`,
  };
  let done: PageResult;
  try {
    const host = await startBrowser();
    done = await host
      .withPage('decode.html', (page) => page.evaluate((given) => window.decodeOne(given), task), exported)
      .finally(() => host.close());
  } catch (error) {
    return absent(error instanceof Error ? error.message : String(error));
  }
  const { oursSeconds, llamaSeconds, llamaPromptTokens } = done;
  const counted =
    llamaPromptTokens === ids.length ? '' : `; llama.cpp reads ${llamaPromptTokens} prompt tokens`;
  return {
    ...row,
    case: `${shape}, ${done.ours}`,
    ours: tokens / oursSeconds,
    peer: tokens / llamaSeconds,
    peerName: `${done.llama} (wllama)`,
    ratio: llamaSeconds / oursSeconds,
    ofLimit: decodeFlops(decoder.config, ids.length, 1, tokens) / oursSeconds / limit.flops,
    note: `${agreement(done.oursIds, done.llamaIds)}${counted}; ${limit.note}`,
  };
}
