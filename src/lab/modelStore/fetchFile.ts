/** One file from the network into the store: streamed, resumed where it stopped, hashed on its way. */
import { bytesOfText } from '../../retrieval/kept/fileStore.ts';
import { readText, type FileSystem } from '../files/fileSystem.ts';
import type { HubFile } from './hub.ts';
import { reach, refusal, type HubAccess } from './hubAccess.ts';
import { RunningHash } from './runningHash.ts';
import { isFull, messageOf, sizeInWords } from './words.ts';

export interface Fetched {
  readonly sha256: string;
}

/** Tries in a row that bring not a byte more. */
const FRUITLESS = 3;
/** Bytes read back at once to hash what had come before. */
const PIECE = 2 ** 22;

interface Fetching {
  readonly fs: FileSystem;
  readonly hub: HubAccess;
  /** The repository, as errors name it. */
  readonly id: string;
  /** Where the bytes go until they are all there; beside it, its validator. */
  readonly partial: string;
  readonly signal: AbortSignal;
  /** Bytes of the file that are there. */
  readonly onBytes: (have: number) => void;
}

const validatorOf = (partial: string): string => `${partial}.etag`;

/**
 * Brings a file into `partial`, going on from what is there of it. The connection may break; a server may know no
 * ranges, or have another file by now: then it begins again. What is there in the end is of the stated length and
 * hash, or is removed.
 * @throws Error in words; what has come is kept, unless it is wrong
 */
export async function fetchFile(file: HubFile, fetching: Fetching): Promise<Fetched> {
  const { fs, partial, signal } = fetching;
  if (file.bytes === 0) (await fs.append(partial, 0)).close();
  let have = Math.min((await fs.size(partial)) ?? 0, file.bytes);
  let fruitless = 0;
  let reason: unknown;
  let hash = await hashed(file, fetching, have);
  while (have < file.bytes) {
    signal.throwIfAborted();
    const before = have;
    const { response, from } = await request(file, fetching, have);
    if (from !== have) hash = await RunningHash.begin(file.checksum, file.bytes);
    reason = await pour(response, from, file, fetching, hash, (at) => {
      have = at;
    });
    fruitless = have > before ? 0 : fruitless + 1;
    if (fruitless === FRUITLESS) {
      throw new Error(
        `${file.path} stops at ${sizeInWords(have)} of ${sizeInWords(file.bytes)}${reason === undefined ? '' : ` (${messageOf(reason)})`}. Resume goes on from there.`,
      );
    }
  }
  const { sha256, right } = hash.finish();
  await fs.remove(validatorOf(partial));
  if (right) return { sha256 };
  await fs.remove(partial);
  throw new Error(
    `${file.path} came otherwise than the hub says it is: its hash is wrong. It has been thrown away; download it again.`,
  );
}

/** A hash of what is there of the file. */
async function hashed(
  file: HubFile,
  { fs, partial, signal, onBytes }: Fetching,
  have: number,
): Promise<RunningHash> {
  const hash = await RunningHash.begin(file.checksum, file.bytes);
  if (have === 0) return hash;
  const there = await fs.open(partial);
  try {
    for (let at = 0; at < have; at += PIECE) {
      signal.throwIfAborted();
      hash.update(there.read(at, Math.min(at + PIECE, have)));
    }
  } finally {
    there.close();
  }
  onBytes(have);
  return hash;
}

/** Asks for the rest of a file, or for all of it. `from`: the byte that the answer begins with. */
async function request(
  file: HubFile,
  { fs, hub, id, partial, signal }: Fetching,
  have: number,
): Promise<{ readonly response: Response; readonly from: number }> {
  const validator = have > 0 ? await readText(fs, validatorOf(partial)) : undefined;
  let response: Response;
  if (have > 0) {
    const range = { Range: `bytes=${have}-` };
    // `If-Range` sends a browser to ask other servers first whether it may; a server that does not allow it is asked without.
    response = await reach(hub, file.url, {
      signal,
      headers: validator === undefined ? range : { ...range, 'If-Range': validator },
    }).catch((error: unknown) => {
      if (validator === undefined || signal.aborted) throw error;
      return reach(hub, file.url, { signal, headers: range });
    });
    const now = response.headers.get('etag');
    const another = validator !== undefined && now !== null && now !== validator;
    const begins = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
    // Servers do not show every header to other sites: what is not said is taken to be as asked.
    const goesOn = response.status === 206 && !another && (begins === undefined || Number(begins) === have);
    if (goesOn) return { response, from: have };
    if (!response.ok || response.status === 206) {
      await response.body?.cancel();
      response = await reach(hub, file.url, { signal });
    }
  } else {
    response = await reach(hub, file.url, { signal });
  }
  if (!response.ok) {
    await response.body?.cancel();
    // The licence was taken back, or the token: what was looked up is not given any more.
    if (response.status === 401 || response.status === 403) throw refusal(response, hub, id);
    throw new Error(
      `${file.path} is not given (HTTP ${response.status}). Try again later; what has come is kept.`,
    );
  }
  const etag = response.headers.get('etag');
  // A weak validator does not promise the same bytes.
  if (etag !== null && !etag.startsWith('W/')) await fs.write(validatorOf(partial), bytesOfText(etag));
  else await fs.remove(validatorOf(partial));
  return { response, from: 0 };
}

/**
 * Writes a body to its place in the file, hashing it. Resolves with why the connection broke, if it did.
 * @throws where nothing can be written, where there is more than there should be, and when it is aborted
 */
async function pour(
  response: Response,
  from: number,
  file: HubFile,
  { fs, partial, signal, onBytes }: Fetching,
  hash: RunningHash,
  onAt: (have: number) => void,
): Promise<unknown> {
  const reader = response.body?.getReader();
  if (reader === undefined) return undefined;
  let at = from;
  const writer = await fs.append(partial, from);
  onAt(at);
  try {
    for (;;) {
      let piece: ReadableStreamReadResult<Uint8Array>;
      try {
        piece = await reader.read();
      } catch (error) {
        signal.throwIfAborted();
        return error;
      }
      signal.throwIfAborted();
      if (piece.done) return undefined;
      if (at + piece.value.length > file.bytes) {
        throw new Error(
          `${file.path} is longer than the ${sizeInWords(file.bytes)} that the hub says it has. Check the hub’s address.`,
        );
      }
      writer.write(piece.value);
      hash.update(piece.value);
      at += piece.value.length;
      onAt(at);
      onBytes(at);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    if (!isFull(error)) throw error;
    throw new Error(
      `This browser’s storage for the page is full at ${sizeInWords(at)} of ${file.path}. Delete models below or make room on the disk, then resume.`,
      { cause: error },
    );
  } finally {
    writer.close();
  }
}
