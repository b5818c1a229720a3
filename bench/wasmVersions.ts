/**
 * Versions of the sources in turn, in one process, on the WebAssembly backend. A version is a folder with src/ and
 * built kernels; all read this folder's public/models/nano. Prints each version's best and median over the first's.
 *
 *   node --experimental-wasm-relaxed-simd --import tsx bench/wasmVersions.ts WHAT THREADS ROUNDS FOLDER FOLDER …
 *
 * WHAT: train (a step of 16 × 256 tokens), decode:ROWS (30 tokens of prompt, then 60 steps), or update (gradient of
 * updates 4, 8 and 12 of the quick recipe, whose rollouts the first version makes).
 */
import { median } from './measure.ts';
import { decode, gradient, open, recorded, trainStep, UPDATES, type Version } from './work/wasmWork.ts';

const [what = '', threads = '', rounds = '', ...folders] = process.argv.slice(2);
const versions: Version[] = [];
const rollouts = what === 'update' ? await recorded(folders[0] ?? '.') : [];
for (const folder of folders) versions.push(await open(folder, Number(threads)));
const works: [string, (version: Version) => Promise<number>][] =
  what === 'train'
    ? [['step', trainStep]]
    : what === 'update'
      ? rollouts.map((groups, i) => [`update ${String(UPDATES[i])}`, (version) => gradient(version, groups)])
      : [[what, (version) => decode(version, Number(what.split(':')[1]))]];
for (const [name, work] of works) {
  const times = versions.map((): number[] => []);
  for (let round = -2; round < Number(rounds); round++) {
    for (const [i, version] of versions.entries()) {
      const time = await work(version);
      if (round >= 0) times[i]?.push(time);
    }
  }
  for (const [i, list] of times.entries()) {
    const [first = [], best] = [times[0], Math.min(...list)];
    const ratios = [Math.min(...first) / best, median(first) / median(list)].map((ratio) => ratio.toFixed(3));
    console.log(
      `${name} ${folders[i] ?? ''}: ${best.toFixed(3)} ms, best ${ratios[0] ?? ''}, median ${ratios[1] ?? ''}`,
    );
  }
}
process.exit(0);
