import type { RolloutTask } from '../research/rolloutOptions.ts';
import type { Trace } from '../traces/trace.ts';
import type { Question } from '../world/types.ts';

/** Milliseconds between two looks at rollouts that are being written. */
const LOOK_EVERY = 80;

/** Tells the rollouts of one group while they are written, a few times a second. */
export class GroupWriting {
  private readonly group: number;
  private readonly tell: (question: Question, traces: readonly Trace[]) => void;
  private readonly written = new Map<number, () => Trace>();
  private looked = 0;

  constructor(group: number, tell: (question: Question, traces: readonly Trace[]) => void) {
    this.group = group;
    this.tell = tell;
  }

  /** For `RolloutOptions.onToken`. */
  readonly onToken = ({ group, rollout, question }: RolloutTask, snapshot: () => Trace): void => {
    if (group !== this.group) return;
    this.written.set(rollout, snapshot);
    const now = performance.now();
    if (now - this.looked < LOOK_EVERY) return;
    this.looked = now;
    const traces = [...this.written].sort(([a], [b]) => a - b).map(([, latest]) => latest());
    this.tell(question, traces);
  };
}
