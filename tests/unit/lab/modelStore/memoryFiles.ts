import type { FileSystem } from '../../../../src/lab/files/fileSystem.ts';

/** A file system in memory that behaves as a browser's: one writer at a time, a quota, files that are open stay. */
export class MemoryFiles implements FileSystem {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Bytes that fit in all. */
  quota = Infinity;
  /** Told after each write. */
  onWrite: (path: string, bytes: number) => void = () => undefined;
  /** What was read, by path, in bytes. */
  readonly reads = new Map<string, number>();
  private readonly open_ = new Set<string>();

  size(path: string): Promise<number | undefined> {
    return Promise.resolve(this.files.get(path)?.length);
  }

  list(folder: string): Promise<readonly string[]> {
    const names = [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`));
    return Promise.resolve(names.map((path) => path.slice(folder.length + 1)).sort());
  }

  read(path: string): ReturnType<FileSystem['read']> {
    return Promise.resolve(this.files.get(path)?.slice());
  }

  readPart(path: string, begin: number, end: number): ReturnType<FileSystem['readPart']> {
    return Promise.resolve(this.files.get(path)?.slice(begin, end));
  }

  write(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const used = this.used() - (this.files.get(path)?.length ?? 0);
    if (used + bytes.length > this.quota) return Promise.reject(new Error('There is no room left.'));
    this.files.set(path, bytes.slice());
    return Promise.resolve();
  }

  append(path: string, keep: number): ReturnType<FileSystem['append']> {
    if (this.open_.has(path)) return Promise.reject(new Error(`${path} is in use`));
    this.open_.add(path);
    this.files.set(path, (this.files.get(path) ?? new Uint8Array()).slice(0, keep));
    return Promise.resolve({
      write: (bytes) => {
        const before = this.files.get(path) ?? new Uint8Array();
        if (this.used() + bytes.length > this.quota) {
          throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
        }
        const after = new Uint8Array(before.length + bytes.length);
        after.set(before);
        after.set(bytes, before.length);
        this.files.set(path, after);
        this.onWrite(path, after.length);
      },
      close: () => void this.open_.delete(path),
    });
  }

  open(path: string): ReturnType<FileSystem['open']> {
    const bytes = this.files.get(path);
    if (bytes === undefined) return Promise.reject(new Error(`${path} is not there`));
    this.open_.add(path);
    return Promise.resolve({
      size: bytes.length,
      read: (begin, end) => {
        this.reads.set(path, (this.reads.get(path) ?? 0) + end - begin);
        return bytes.slice(begin, end);
      },
      close: () => void this.open_.delete(path),
    });
  }

  move(from: string, to: string): Promise<void> {
    const bytes = this.files.get(from);
    if (bytes === undefined || this.open_.has(from))
      return Promise.reject(new Error(`${from} cannot be moved`));
    this.files.set(to, bytes);
    this.files.delete(from);
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    if (this.open_.has(path)) return Promise.reject(new Error(`${path} is in use`));
    this.files.delete(path);
    return Promise.resolve();
  }

  room(): Promise<number | undefined> {
    return Promise.resolve(this.quota === Infinity ? undefined : this.quota - this.used());
  }

  /** Paths in a folder, manifests and blobs alike. */
  paths(): readonly string[] {
    return [...this.files.keys()].sort();
  }

  private used(): number {
    return [...this.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  }
}
