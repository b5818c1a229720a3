import { PEERS, startBrowser } from '../browser/host.ts';
import type { IndexResult, RetrievalResult, RetrievalTask } from '../browser/retrievalPage.ts';
import { shareOfLimit } from '../limits/limits.ts';
import type { Row, Suite } from '../suite.ts';

const DIMENSION = 384;
const K = 5;
const BATCH = 128;
const RIVALS = ['hnswlib-wasm', 'voy'] as const;

/**
 * The exact index beside approximate ones, on unit vectors in clusters: hnswlib-wasm (needs a browser, so all run in
 * one page, one thread each) and voy. A ratio of speed says nothing without the recall in its note: ours is 1.
 */
export const suite: Suite = {
  name: 'retrieval',
  help: 'exact vector index beside hnswlib-wasm and voy: one query, a batch, build time, recall',
  async run({ say, quick }) {
    const host = await startBrowser();
    try {
      const rows: Row[] = [];
      for (const count of quick ? [1_000, 10_000] : [1_000, 10_000, 100_000]) {
        say(`${count} vectors, ${host.browser}`);
        // A page of its own for each size: peers keep their memory until it closes.
        const task: RetrievalTask = {
          count,
          dimension: DIMENSION,
          k: K,
          batch: BATCH,
          seed: count,
          measure: quick ? { warmups: 1, rounds: 5, seconds: 0 } : { warmups: 3, rounds: 15, seconds: 5 },
          buildWithin: quick ? 60 : 600,
          peers: PEERS,
        };
        const result = await host.withPage('retrieval.html', async (page) => {
          await page.waitForFunction(() => 'measureRetrieval' in window);
          return page.evaluate((given) => window.measureRetrieval(given), task);
        });
        rows.push(...rowsOf(task, result));
      }
      return rows;
    } finally {
      await host.close();
    }
  },
};

function rowsOf({ count, dimension }: RetrievalTask, { indexes, limits }: RetrievalResult): Row[] {
  const result = (name: string): IndexResult | { readonly absent: string } =>
    indexes.find((index) => index.name === name) ?? { absent: 'it was not measured' };
  const ours = result('ours');
  if ('absent' in ours) throw new Error(`Our own index: ${ours.absent}`);
  const shape = `${count} × ${dimension}, top ${K}`;
  // A lone query reads every vector once; a batch multiplies each with every query.
  const share = (queries: number, seconds: number): number =>
    shareOfLimit(limits, { flops: 2 * count * dimension * queries, bytes: 4 * count * dimension }, seconds);
  return RIVALS.flatMap((name) => {
    const peer = result(name);
    const rate = (
      what: string,
      queries: number,
      of: (index: IndexResult) => number,
      ofLimit: number,
    ): Row => ({
      suite: 'retrieval',
      case: `${what}, ${shape}`,
      ours: queries / of(ours),
      peer: 'absent' in peer ? null : queries / of(peer),
      peerName: name,
      ratio: 'absent' in peer ? null : of(peer) / of(ours),
      unit: 'queries/s',
      ofLimit,
      note: 'absent' in peer ? peer.absent : `recall 1 and ${peer.recall.toFixed(3)}`,
    });
    const build: Row = {
      suite: 'retrieval',
      case: `build, ${shape}`,
      ours: ours.buildSeconds,
      peer: 'absent' in peer ? null : peer.buildSeconds,
      peerName: name,
      ratio: 'absent' in peer ? null : peer.buildSeconds / ours.buildSeconds,
      unit: 's',
      // Ours copies the vectors.
      ofLimit: shareOfLimit(limits, { flops: 0, bytes: 8 * count * dimension }, ours.buildSeconds),
      ...('absent' in peer ? { note: peer.absent } : {}),
    };
    return [
      rate('one query', 1, (index) => index.alone, share(1, ours.alone)),
      rate(`batch of ${BATCH} queries`, BATCH, (index) => index.together, share(BATCH, ours.together)),
      build,
    ];
  });
}
