import { createSHA1, createSHA256 } from 'hash-wasm';

/** What a hub says of a file's content: SHA-256, or git's SHA-1 of a blob, which counts the length in. */
export type Checksum = { readonly sha256: string } | { readonly gitBlob: string };

type Hasher = Awaited<ReturnType<typeof createSHA256>>;

/** Hashes a file while it streams by. WebCrypto hashes whole files only. */
export class RunningHash {
  private readonly sha256: Hasher;
  /** Where git's is what is expected. */
  private readonly sha1: Hasher | undefined;
  private readonly expected: Checksum | undefined;

  private constructor(sha256: Hasher, sha1: Hasher | undefined, expected: Checksum | undefined) {
    this.sha256 = sha256;
    this.sha1 = sha1;
    this.expected = expected;
  }

  /** @param bytes length of the whole file, which git hashes first */
  static async begin(expected: Checksum | undefined, bytes: number): Promise<RunningHash> {
    const git = expected !== undefined && 'gitBlob' in expected;
    const [sha256, sha1] = await Promise.all([createSHA256(), git ? createSHA1() : undefined]);
    sha256.init();
    sha1?.init().update(new TextEncoder().encode(`blob ${bytes}\0`));
    return new RunningHash(sha256, sha1, expected);
  }

  update(bytes: Uint8Array): void {
    this.sha256.update(bytes);
    this.sha1?.update(bytes);
  }

  /** Once, after the last byte. `right`: whether it is what was expected; true where nothing was. */
  finish(): { readonly sha256: string; readonly right: boolean } {
    const { expected } = this;
    const sha256 = this.sha256.digest();
    const git = this.sha1?.digest();
    if (expected === undefined) return { sha256, right: true };
    return { sha256, right: 'sha256' in expected ? sha256 === expected.sha256 : git === expected.gitBlob };
  }
}
