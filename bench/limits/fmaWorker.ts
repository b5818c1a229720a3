/** Runs the loop on one thread whenever it is told how many rounds. */
import { fmaLoop } from './fmaLoop.ts';

const { instance } = await WebAssembly.instantiate(fmaLoop());
const run = instance.exports['run'] as (rounds: number) => number;

onmessage = ({ data }: MessageEvent<number>) => {
  postMessage(run(data));
};
postMessage('ready');
