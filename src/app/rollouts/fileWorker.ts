import { rewardOf } from '../../research/reward.ts';
import { exactMatch, f1Score } from '../../research/score.ts';
import { readTraceFile } from '../../traces/readers/readTraceFile.ts';
import type { FileAnswer } from './openTraceFiles.ts';

/** Reads one file of rollouts beside the page, so that a long one does not hold it up. */
addEventListener('message', (message: MessageEvent<{ readonly text: string; readonly name: string }>) => {
  postMessage(answerTo(message.data.text, message.data.name));
});

function answerTo(text: string, name: string): FileAnswer {
  try {
    return { ok: true, read: readTraceFile(text, name, { em: exactMatch, f1: f1Score, paper: rewardOf }) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
