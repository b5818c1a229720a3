/**
 * Something that takes a while to make and is not waited for before it is needed. It is made once; a failure is not
 * kept: whoever asks next tries again.
 */
export class Eventual<T> {
  private readonly make: () => Promise<T>;
  private made: Promise<T> | undefined;

  constructor(make: () => Promise<T>) {
    this.make = make;
  }

  /** Resolves with what is made; begins to make it where that has not begun. Rejects when it cannot be made. */
  get(): Promise<T> {
    this.made ??= this.make().catch((error: unknown) => {
      this.made = undefined;
      throw error;
    });
    return this.made;
  }

  /** Begins to make it. Why it fails is told to those who ask for it. */
  begin(): void {
    this.get().catch(() => undefined);
  }

  /** Resolves with what has been made or is being made, or with undefined; begins nothing. */
  async ifBegun(): Promise<T | undefined> {
    return this.made?.catch(() => undefined);
  }
}
