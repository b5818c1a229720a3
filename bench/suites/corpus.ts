import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpusLines, madeUpPassages } from '../../scripts/madeUpPassages.ts';
import { serveBuiltPage } from '../load/builtPage.ts';
import { indexed, indexedUpTo, openKept, pressAround, searchFor } from '../page/corpusPage.ts';
import type { Passage } from '../../src/retrieval/retriever.ts';
import { pageProcess } from '../page/processMemory.ts';
import { tokenizerShare } from '../page/tokenizerShare.ts';
import { TrainingPage } from '../page/trainingPage.ts';
import type { Row, Suite } from '../suite.ts';

/** Milliseconds within which a click should be answered, at the 95th percentile. */
const ANSWERED_WITHIN = 100;
const SEARCHES = 20;
/** Passages that the tokenizer is timed on. */
const SHARE_OF = 2048;

/**
 * A visitor's way with a corpus of 50,000 short passages and the shipped embedding model: import, index, press around
 * meanwhile, stop, reload, go on, reload, open, search.
 */
export const suite: Suite = {
  name: 'corpus',
  help: 'a large corpus in the built page: import, index, stop, reload, resume, open, search; clicks and memory meanwhile',
  async run({ say, quick }) {
    const total = quick ? 15_000 : 50_000;
    const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
    try {
      const passages = madeUpPassages(total);
      const file = join(folder, 'corpus.jsonl');
      await writeFile(file, `${corpusLines(passages).join('\n')}\n`);
      say('building the page');
      const site = await serveBuiltPage();
      try {
        const held = await TrainingPage.open(site.address, join(folder, 'profile'));
        try {
          const queries = Array.from({ length: SEARCHES }, (_, i) => {
            const title = passages[Math.floor(((i + 0.5) * total) / SEARCHES)]?.title ?? '';
            return `${title} born`;
          });
          return [
            ...(await measured(held, site.address, file, total, queries, say)),
            await shareRow(passages),
          ];
        } finally {
          await held.close();
        }
      } finally {
        await site.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const seconds = (since: number): number => (performance.now() - since) / 1000;

async function measured(
  held: TrainingPage,
  address: string,
  file: string,
  total: number,
  queries: readonly string[],
  say: (text: string) => void,
): Promise<Row[]> {
  const { page } = held;
  page.setDefaultTimeout(600_000);
  say(`Chromium ${held.version}`);
  const rows: Row[] = [];
  const row = (what: string, ours: number, unit: string, note?: string): void => {
    say(`${what}: ${ours.toPrecision(3)} ${unit}${note === undefined ? '' : ` (${note})`}`);
    const none = { peer: null, peerName: 'no peer', ratio: null };
    rows.push({ suite: 'corpus', case: what, ours, ...none, unit, ...(note === undefined ? {} : { note }) });
  };
  const memory = async (when: string): Promise<void> => {
    const whole = await pageProcess();
    if (whole === undefined) return;
    row(
      `memory of the page’s process, ${when}`,
      whole.now / 1e6,
      'MB',
      `at most ${megabytes(whole.most)} so far`,
    );
  };

  await openKept(page, address);
  await memory('before');
  let began = performance.now();
  await page.getByLabel('Import a corpus').setInputFiles(file);
  const kept = page.getByRole('list', { name: 'Kept corpora' });
  await kept.getByText(`${total.toLocaleString('en')} passages`).waitFor();
  row(`import of ${total.toLocaleString('en')} passages`, seconds(began), 's');

  const first = Math.floor(0.4 * total);
  began = performance.now();
  await kept.getByRole('button', { name: 'Index it' }).click();
  await indexedUpTo(page, total, 1);
  await pressAround(held);
  // Once to fetch what comes when it is opened; the second round is counted.
  const counted = (await held.presses()).length;
  await pressAround(held);
  const meanwhile = await indexed(page, total);
  if (meanwhile >= total) throw new Error('the index was made before the clicks were');
  const presses = (await held.presses()).slice(counted);
  const latencies = presses.map(({ hand, told }) => Math.max(hand, told)).sort((a, b) => a - b);
  const p95 = percentile(latencies, 0.95);
  await indexedUpTo(page, total, first);
  row(
    'index, first part, with clicks beside it',
    (await indexed(page, total)) / seconds(began),
    'passages/s',
  );
  await memory('while it indexes');
  await page.getByRole('button', { name: 'Stop here' }).click();
  await page.getByRole('button', { name: 'Stop here' }).waitFor({ state: 'detached' });
  const stopped = await indexed(page, total);
  await page.reload();
  await openKept(page, address);
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  const there = await indexed(page, total);
  if (there !== stopped)
    throw new Error(`${stopped} were indexed when it was stopped, ${there} after a reload`);
  began = performance.now();
  await page.getByRole('button', { name: 'Go on' }).click();
  await indexedUpTo(page, total, total);
  row(
    'index, the rest, after a reload',
    (total - there) / seconds(began),
    'passages/s',
    `gone on with at ${there.toLocaleString('en')}`,
  );

  await page.reload();
  await openKept(page, address);
  began = performance.now();
  await page.getByRole('button', { name: 'Search in it' }).click();
  await page.getByText(new RegExp(`^${total.toLocaleString('en')}\\spassages\\s*; the map`)).waitFor();
  row('opening, from the press to the map', seconds(began), 's', 'the engine is loaded within it');
  await memory('opened');
  const workers = megabytes(await held.workersHeap());
  row('JavaScript of the page, opened', (await held.heap()) / 1e6, 'MB', `and of its workers ${workers}`);
  const searches: number[] = [];
  for (const query of queries) searches.push(await searchFor(page, query));
  searches.sort((a, b) => a - b);
  row(
    'search, until its passages are drawn',
    percentile(searches, 0.5),
    'ms, median',
    `most ${percentile(searches, 1).toFixed(0)}, of ${searches.length}`,
  );
  rows.push({
    suite: 'corpus',
    case: 'clicks and keys while it indexes',
    ours: p95,
    peer: ANSWERED_WITHIN,
    peerName: 'asked for',
    ratio: ANSWERED_WITHIN / p95,
    unit: 'ms at p95',
    floor: 1,
    note: `p50 ${percentile(latencies, 0.5).toFixed(0)}, most ${percentile(latencies, 1).toFixed(0)}, of ${latencies.length}`,
  });
  return rows;
}

async function shareRow(passages: readonly Passage[]): Promise<Row> {
  const { embedded, tokenized } = await tokenizerShare(passages.slice(0, SHARE_OF));
  return {
    suite: 'corpus',
    case: 'share of the tokenizer in embedding with the shipped model, one thread of Node',
    ours: (100 * embedded) / tokenized,
    peer: null,
    peerName: 'no peer',
    ratio: null,
    unit: '%',
    note: `${embedded.toFixed(0)} passages a second, its tokenizer alone ${tokenized.toFixed(0)}`,
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
