import type { RunCheckpoint } from './checkpoint.ts';

interface Asking {
  readonly resolve: (checkpoint: RunCheckpoint) => void;
  readonly reject: (error: Error) => void;
}

/** Those who wait for the checkpoint of a run that is at work: told after the update that is under way. */
export class CheckpointAsks {
  private asking: Asking[] = [];

  ask(): Promise<RunCheckpoint> {
    return new Promise((resolve, reject) => {
      this.asking.push({ resolve, reject });
    });
  }

  /** Takes a checkpoint for all who wait; none where nobody does. */
  async tell(take: () => Promise<RunCheckpoint>): Promise<void> {
    const asking = this.asking;
    if (asking.length === 0) return;
    this.asking = [];
    const checkpoint = await take();
    for (const { resolve } of asking) resolve(checkpoint);
  }

  refuse(why: string): void {
    for (const { reject } of this.asking.splice(0)) reject(new Error(why));
  }
}
