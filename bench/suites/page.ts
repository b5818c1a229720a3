import { clickAround } from '../page/clicks.ts';
import { type Press, TrainingPage } from '../page/trainingPage.ts';
import { serveBuiltPage } from '../load/builtPage.ts';
import type { Row, Suite } from '../suite.ts';

/** Milliseconds within which a click should be answered, at the 95th percentile. */
const ANSWERED_WITHIN = 100;
/**
 * Growth of a heap that still counts as bounded: from its second measurement, when the page holds all the rollouts that
 * it keeps, to its last. Rollouts get longer as the policy learns, so some growth is theirs.
 */
const MOST_GROWTH = 1.25;

/** Rollouts an update, which with the 50 updates kept makes the 2,000 of the session. */
const QUESTIONS = 10;
const ROLLOUTS = 4;
const EVERY = 100;

/**
 * A session as long as a patient visitor's, of real updates on WebAssembly: 500 of 40 rollouts, of which the page keeps
 * the last 50 updates, 2,000 rollouts. Then clicks, while the run goes on.
 */
export const suite: Suite = {
  name: 'page',
  help: 'the built page while it trains: clicks and key presses until the frame that answers, heaps over 500 updates',
  async run({ say, quick }) {
    const updates = quick ? 20 : 500;
    say('building the page');
    const site = await serveBuiltPage();
    try {
      const training = await TrainingPage.open(site.address + recipe);
      try {
        return await measured(training, updates, quick ? 10 : EVERY, say);
      } finally {
        await training.close();
      }
    } finally {
      await site.close();
    }
  },
};

/** The smallest prior and worlds, one world for all updates; and more updates than are measured, to be clicked beside. */
const recipe =
  `#/train?v=1&preset=tiny&grpo.steps=100000&grpo.questions=${QUESTIONS}&grpo.groupSize=${ROLLOUTS}` +
  `&world.updatesPerWorld=100000&evaluation.questions=0&backend=wasm`;

async function measured(
  training: TrainingPage,
  updates: number,
  every: number,
  say: (text: string) => void,
): Promise<Row[]> {
  const { page } = training;
  say(`Chromium ${training.version}`);
  await page.getByRole('button', { name: 'Train it here' }).click();
  const heaps: Heaps = { page: [], workers: [] };
  for (let at = every; at <= updates; at += every) {
    await reached(training, at);
    await weigh(say, training, heaps.page, 'page', () => training.heap());
    if (at === 2 * every) await weigh(say, training, heaps.workers, 'workers', () => training.workersHeap());
  }
  await weigh(say, training, heaps.workers, 'workers', () => training.workersHeap());
  // Once to fetch what comes when it is opened; the second and third round are counted.
  await clickAround(training);
  const before = (await training.presses()).length;
  for (let round = 0; round < 2; round++) await clickAround(training);
  const running = await page.getByRole('button', { name: 'Pause' }).isEnabled();
  if (!running) throw new Error('the run ended before the clicks did');
  const presses = (await training.presses()).slice(before);
  await page.getByRole('link', { name: 'Rollouts', exact: true }).click();
  const list = page.locator('main ul[aria-label*="j and k move"]');
  const held = (await list.getAttribute('aria-label'))?.replace(/;.*/, '') ?? 'no rollouts';
  say(`the session holds ${held}`);
  return [...pressRows(presses, held, updates), ...heapRows(heaps)];
}

interface Weight {
  readonly at: number;
  readonly bytes: number;
}

interface Heaps {
  readonly page: Weight[];
  readonly workers: Weight[];
}

/** The run goes on while it is measured: the update is that of the end. */
async function weigh(
  say: (text: string) => void,
  training: TrainingPage,
  to: Weight[],
  whose: string,
  measure: () => Promise<number>,
): Promise<void> {
  const bytes = await measure();
  const at = await updateShown(training);
  to.push({ at, bytes });
  say(`update ${at}: ${whose} ${(bytes / 1e6).toFixed(1)} MB`);
}

const updateShown = ({ page }: TrainingPage): Promise<number> =>
  page.evaluate(() =>
    Number(/Update (\d+) of \d+/.exec(document.querySelector('main')?.textContent ?? '')?.[1]),
  );

/** Waits until the page has drawn that an update is done. */
async function reached({ page }: TrainingPage, update: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const text = document.querySelector('main')?.textContent ?? '';
      const now = Number(/Update (\d+) of \d+/.exec(text)?.[1] ?? 0);
      if (/broke off|could not/.test(text)) throw new Error(text.slice(0, 400));
      return now > wanted;
    },
    update,
    { timeout: 0, polling: 500 },
  );
}

/** The slower of the two measurements: neither leaves out what the other sees. */
const latency = ({ hand, told }: Press): number => Math.max(hand, told);

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

function pressRows(presses: readonly Press[], held: string, updates: number): Row[] {
  const row = (kind: string, list: readonly Press[], limit: number | null): Row => {
    const sorted = list.map(latency).sort((a, b) => a - b);
    const p95 = percentile(sorted, 0.95);
    return {
      suite: 'page',
      case: kind,
      ours: p95,
      peer: limit,
      peerName: 'asked for',
      ratio: limit === null ? null : limit / p95,
      unit: 'ms at p95',
      ...(limit === null ? {} : { floor: 1 }),
      note: `p50 ${percentile(sorted, 0.5).toFixed(0)}, most ${percentile(sorted, 1).toFixed(0)}, of ${sorted.length}`,
    };
  };
  const kinds = [...new Set(presses.map(({ kind }) => kind))];
  return [
    row(`all clicks and keys while it trains, ${held}, ${updates} updates`, presses, ANSWERED_WITHIN),
    ...kinds.map((kind) =>
      row(
        kind,
        presses.filter((press) => press.kind === kind),
        null,
      ),
    ),
  ];
}

function heapRows({ page, workers }: Heaps): Row[] {
  const row = (whose: string, weights: readonly Weight[], first: Weight | undefined): Row => {
    const last = weights.at(-1);
    const [was, is] = [first?.bytes ?? NaN, last?.bytes ?? NaN];
    return {
      suite: 'page',
      case: `JavaScript heap, ${whose}, after update ${last?.at ?? 0}`,
      ours: is / 1e6,
      peer: (was * MOST_GROWTH) / 1e6,
      peerName: `${MOST_GROWTH} of that after update ${first?.at ?? 0}`,
      ratio: (was * MOST_GROWTH) / is,
      unit: 'MB',
      floor: 1,
      note: weights.map(({ at, bytes }) => `${at}: ${(bytes / 1e6).toFixed(1)}`).join(', '),
    };
  };
  return [row('page', page, page[1]), row('workers', workers, workers[0])];
}
