import { firstLoad, firstLoadLimit } from '../../scripts/bundleSize.ts';
import { serveBuiltPage } from '../load/builtPage.ts';
import { type Visit, VisitorBrowser } from '../load/visit.ts';
import { median } from '../measure.ts';
import type { Row, Suite } from '../suite.ts';

/** Seconds after navigation at which a visitor should see the recorded run, and a live rollout's first token. */
const RECORDED_WITHIN = 1;
const LIVE_WITHIN = 2;

/**
 * The built page from localhost in headless Chromium (WebAssembly: there is no GPU), as `npm start` serves it. The
 * visitor's path: navigation; a click on “Ask both” as soon as the recorded question stands in the box; the first
 * token of either policy's live rollout, drawn.
 */
export const suite: Suite = {
  name: 'load',
  help: 'the built page in headless Chromium: time to the recorded run and to a live token, bytes',
  async run({ say, quick }) {
    say('building the page');
    const site = await serveBuiltPage();
    const cold: Visit[] = [];
    const warm: Visit[] = [];
    try {
      for (let round = 0; round < (quick ? 2 : 5); round++) {
        const browser = await VisitorBrowser.open();
        try {
          cold.push(await browser.visit(site.address));
          for (let again = 0; again < (quick ? 2 : 3); again++) warm.push(await browser.visit(site.address));
          say(`round ${round + 1}, Chromium ${browser.version}`);
        } finally {
          await browser.close();
        }
      }
      const browser = await VisitorBrowser.open();
      const { beforeClick, afterClick } = await browser
        .transfers(site.address)
        .finally(() => browser.close());
      const first = (await firstLoad(site.dist)).reduce((sum, { bytes }) => sum + bytes, 0);
      return [
        ...['cold', 'warm'].flatMap((cache) => timeRows(cache, cache === 'cold' ? cold : warm)),
        bytesRow('bytes of the first load, gzipped, models and runs aside', first, firstLoadLimit),
        bytesRow('bytes before the click, gzipped, with the recorded run', beforeClick, firstLoadLimit),
        {
          ...bytesRow('bytes after the click, gzipped', afterClick, null),
          note: 'engine, models, onnxruntime',
        },
      ];
    } finally {
      await site.close();
    }
  },
};

function timeRows(cache: string, visits: readonly Visit[]): Row[] {
  const of = (pick: (visit: Visit) => number): number => median(visits.map(pick));
  const within = (what: string, seconds: number, limit: number | null): Row => ({
    suite: 'load',
    case: `${what}, ${cache} cache, localhost`,
    ours: seconds,
    peer: limit,
    peerName: 'asked for',
    ratio: limit === null ? null : limit / seconds,
    unit: 's',
    ...(limit === null ? {} : { floor: 1 }),
    note: `median of ${visits.length} visits`,
  });
  return [
    within(
      'navigation to first paint',
      of(({ firstPaint }) => firstPaint),
      null,
    ),
    within(
      'navigation to recorded run',
      of(({ recorded }) => recorded),
      RECORDED_WITHIN,
    ),
    within(
      'click to first live token',
      of(({ asked, liveToken }) => liveToken - asked),
      null,
    ),
    within(
      'navigation to first live token',
      of(({ liveToken }) => liveToken),
      LIVE_WITHIN,
    ),
  ];
}

function bytesRow(what: string, bytes: number, limit: number | null): Row {
  return {
    suite: 'load',
    case: what,
    ours: bytes,
    peer: limit,
    peerName: 'limit',
    ratio: limit === null ? null : limit / bytes,
    unit: 'bytes',
    ...(limit === null ? {} : { floor: 1 }),
  };
}
