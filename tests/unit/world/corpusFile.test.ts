import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Passage } from '../../../src/retrieval/retriever.ts';
import { corpusLimits, readCorpusFiles, type CorpusFile } from '../../../src/world/corpusFile.ts';
import type { OwnProblem } from '../../../src/world/problems.ts';

/** A file that arrives in pieces of a few bytes, so that characters and lines are torn. */
function file(name: string, content: string | Uint8Array, piece = 7): CorpusFile {
  const bytes = Uint8Array.from(typeof content === 'string' ? new TextEncoder().encode(content) : content);
  return {
    name,
    size: bytes.length,
    stream: () => {
      let at = 0;
      return new ReadableStream({
        pull(controller) {
          if (at >= bytes.length) controller.close();
          else controller.enqueue(bytes.slice(at, (at += piece)));
        },
      });
    },
  };
}

async function read(files: readonly CorpusFile[], limits = corpusLimits) {
  const passages: Passage[] = [];
  let problems: readonly OwnProblem[] = [];
  let bytes = 0;
  for await (const some of readCorpusFiles(files, (all) => (problems = all), limits)) {
    passages.push(...some.passages);
    bytes = some.bytes;
  }
  return { passages, problems, bytes };
}

describe('readCorpusFiles', () => {
  it('reads JSON Lines of FlashRAG, BEIR and our own, torn anywhere', async () => {
    const { passages, problems } = await read([
      file(
        'wiki-18.jsonl',
        '{"id": "0", "contents": "\\"Aaron\\"\\nAaron is a prophet, élu."}\r\n\n{"_id": 7, "title": "B", "text": "Bee."}\n{"title": "C", "text": "Sea 🙂."}',
      ),
    ]);
    expect(problems).toEqual([]);
    expect(passages).toEqual([
      { id: '0', title: 'Aaron', text: 'Aaron is a prophet, élu.' },
      { id: '7', title: 'B', text: 'Bee.' },
      { id: 'wiki-18.jsonl:4', title: 'C', text: 'Sea 🙂.' },
    ]);
  });

  it('reads TSV with the columns its first line names, and two columns without', async () => {
    const named = 'id\ttext\ttitle\n1\t"He said ""no""."\tAaron\n2\tBee.\t\n';
    const plain = 'Lissen\tLissen is a town.\nOrm is a lake.\n';
    const { passages, problems } = await read([file('psgs_w100.tsv', named), file('two.tsv', plain)]);
    expect(problems).toEqual([]);
    expect(passages).toEqual([
      { id: '1', title: 'Aaron', text: 'He said "no".' },
      { id: '2', title: 'Bee', text: 'Bee.' },
      { id: 'two.tsv:1', title: 'Lissen', text: 'Lissen is a town.' },
      { id: 'two.tsv:2', title: 'Orm is a lake', text: 'Orm is a lake.' },
    ]);
  });

  it('reads text by paragraphs, a heading as title, and gzipped files', async () => {
    const text = 'Orvane\n\nOrvane is a country.\nIts capital is Lissen.\n\nIt is small.\n';
    const { passages, bytes } = await read([file('notes.txt.gz', gzipSync(text))]);
    expect(passages.map(({ title, text: body }) => [title, body])).toEqual([
      ['Orvane', 'Orvane is a country. Its capital is Lissen.'],
      ['Orvane', 'It is small.'],
    ]);
    expect(bytes).toBe(gzipSync(text).length);
  });

  it('leaves bad lines out and names file and line', async () => {
    const { passages, problems } = await read([
      file('a.jsonl', '{"text": "One."}\nnot json\n{"title": "x"}\n{"text": "Four."}'),
      file('b.tsv', 'title\ttext\nA\tB\tC\nOnly\t\n'),
      file('c.pdf', '%PDF'),
    ]);
    expect(passages.map(({ text }) => text)).toEqual(['One.', 'Four.']);
    expect(
      problems.map(({ file: name, line, message }) => `${name} ${String(line)} ${message.slice(0, 30)}`),
    ).toEqual([
      'a.jsonl 2 not JSON. Each line must be on',
      'a.jsonl 3 neither "text" nor "contents" ',
      'b.tsv 2 3 columns; the first line name',
      'b.tsv 3 its text is empty. Fill it in,',
      'c.pdf undefined a corpus is .jsonl, .tsv or .t',
    ]);
  });

  it('goes on after a line that is no text, and keeps what stands before a file’s end is lost', async () => {
    const bytes = (text: string): number[] => [...new TextEncoder().encode(text)];
    const torn = [...bytes('{"text": "One."}\n'), 0xff, 0xfe, 0x0a, ...bytes('{"text": "Two."}\n')];
    const packed = gzipSync(Array.from({ length: 3000 }, (_, i) => `{"text": "N ${i * 7919}."}`).join('\n'));
    const { passages, problems } = await read([
      file('latin.jsonl', Uint8Array.from(torn), 4096),
      file('cut.jsonl.gz', packed.subarray(0, packed.length - 200), 4096),
    ]);
    expect(passages.slice(0, 3).map(({ text }) => text)).toEqual(['One.', 'Two.', 'N 0.']);
    expect(problems.map(({ file: name, line }) => [name, line])).toEqual([
      ['latin.jsonl', 2],
      ['cut.jsonl.gz', passages.length - 1],
    ]);
    expect(problems[0]?.message).toMatch(/not UTF-8/);
    expect(problems[1]?.message).toMatch(/damaged or cut short/);
  });

  it('stops at the limit and says where', async () => {
    const lines = Array.from({ length: 9 }, (_, i) => `{"text": "N ${i}."}`).join('\n');
    const { passages, problems } = await read([file('n.jsonl', lines)], { ...corpusLimits, passages: 4 });
    expect(passages).toHaveLength(4);
    expect(problems.map(({ message }) => message)).toEqual([
      'only the first 4 passages were kept; what follows was left out.',
    ]);
  });
});
