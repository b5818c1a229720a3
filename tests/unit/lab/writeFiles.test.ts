import { describe, expect, it } from 'vitest';
import { writeFiles } from '../../../src/lab/writeFiles.ts';

/** A folder that does as a browser's: what is written comes into the file when the stream is closed. */
function folderOf(contents: Map<string, string>): FileSystemDirectoryHandle {
  const stream = (name: string) => {
    let text = '';
    return {
      write: (piece: Uint8Array) => Promise.resolve(void (text += new TextDecoder().decode(piece))),
      close: () => Promise.resolve(void contents.set(name, text)),
      abort: () => Promise.resolve(),
    };
  };
  return {
    getFileHandle: (name: string, options?: { readonly create?: boolean }) => {
      if (!contents.has(name)) {
        if (options?.create !== true) return Promise.reject(new DOMException(name, 'NotFoundError'));
        contents.set(name, '');
      }
      return Promise.resolve({ createWritable: () => Promise.resolve(stream(name)) });
    },
    removeEntry: (name: string) => Promise.resolve(void contents.delete(name)),
  } as unknown as FileSystemDirectoryHandle;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text));
const file = (name: string, ...pieces: readonly string[]) => ({
  name,
  size: pieces.join('').length,
  pieces: () => pieces.map(bytes),
});

describe('files of an export in a folder', () => {
  it('are written piece by piece, over those of the same name', async () => {
    const contents = new Map([['b', 'old']]);
    const files = [file('a', 'on', 'e'), file('b', 'two')];
    const told: string[] = [];
    await writeFiles(files, folderOf(contents), new AbortController().signal, (name, done, total) =>
      told.push(`${name} ${done}/${total}`),
    );
    expect([...contents]).toEqual([
      ['b', 'two'],
      ['a', 'one'],
    ]);
    expect(told.at(-1)).toBe('b 6/6');
  });

  it('that is stopped leave what was there before, and nothing half-written', async () => {
    const contents = new Map([['b', 'old']]);
    const stop = (at: string) => {
      const controller = new AbortController();
      const files = [file('a', 'o', 'ne'), file('b', 't', 'wo')];
      return writeFiles(files, folderOf(contents), controller.signal, (name, done) => {
        if (`${name} ${done}` === at) controller.abort();
      });
    };
    await expect(stop('a 1')).rejects.toThrow();
    expect([...contents]).toEqual([['b', 'old']]);
    await expect(stop('b 4')).rejects.toThrow();
    expect([...contents]).toEqual([
      ['b', 'old'],
      ['a', 'one'],
    ]);
  });
});
