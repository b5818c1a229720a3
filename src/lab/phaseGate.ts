/** Holds an update between its phases until it is let on, by one phase or for good. */
export class PhaseGate {
  private letOn: (() => void) | undefined;
  private open = false;

  /** An update waits here now. */
  get holding(): boolean {
    return this.letOn !== undefined;
  }

  /** Resolves when let on; rejects when aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.open) return;
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.letOn = undefined;
        reject(signal.reason instanceof Error ? signal.reason : new Error('Stopped.'));
      };
      signal.addEventListener('abort', abort, { once: true });
      this.letOn = () => {
        this.letOn = undefined;
        signal.removeEventListener('abort', abort);
        resolve();
      };
    });
  }

  /** On to the end of the next phase. */
  step(): void {
    this.letOn?.();
  }

  /** On, without holding again. */
  release(): void {
    this.open = true;
    this.letOn?.();
  }
}
