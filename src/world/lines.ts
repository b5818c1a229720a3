/** A stream that cannot be read on from some line. */
export class BrokenStream extends Error {
  /** 1-based. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** A line without its end, or why it is none. `number` is 1-based. */
export type Line =
  { readonly number: number; readonly text: string } | { readonly number: number; readonly problem: string };

/** Longer lines are of something that is no list of passages. */
const LONGEST_LINE = 4_000_000;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\uFEFF';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeLine(bytes: Uint8Array, number: number): Line {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { number, problem: 'not UTF-8 text. Save the file as text in UTF-8.' };
  }
  if (text.includes('\0')) return { number, problem: 'not text (it holds zero bytes).' };
  if (number === 1 && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
  return { number, text: text.endsWith('\r') ? text.slice(0, -1) : text };
}

/**
 * Lines of a stream of UTF-8, gzipped where `packed`; a piece of the stream is held at a time.
 * @throws BrokenStream where it is cut short, or one endless line
 */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  packed: boolean,
): AsyncGenerator<Line> {
  const reader = (packed ? stream.pipeThrough(new DecompressionStream('gzip')) : stream).getReader();
  let number = 0;
  let rest: readonly Uint8Array[] = [];
  let waiting = 0;
  const finish = (last: Uint8Array): Line => {
    const whole = new Uint8Array(waiting + last.length);
    let at = 0;
    for (const piece of [...rest, last]) {
      whole.set(piece, at);
      at += piece.length;
    }
    rest = [];
    waiting = 0;
    number++;
    return decodeLine(whole, number);
  };
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        if (!packed) throw error;
        throw new BrokenStream('the .gz file is damaged or cut short here. Fetch it again.', number + 1);
      });
      if (done) {
        if (waiting > 0) yield finish(new Uint8Array());
        return;
      }
      let start = 0;
      for (let end = value.indexOf(NEWLINE); end >= 0; end = value.indexOf(NEWLINE, start)) {
        yield finish(value.subarray(start, end));
        start = end + 1;
      }
      if (start < value.length) rest = [...rest, value.subarray(start)];
      waiting += value.length - start;
      if (waiting > LONGEST_LINE) {
        throw new BrokenStream(
          'a line of more than four million bytes. Put each passage on its own.',
          number + 1,
        );
      }
    }
  } finally {
    // Left early: what feeds the stream may stop.
    await reader.cancel().catch(() => undefined);
  }
}
