import type { Passage } from '../retrieval/retriever.ts';
import { linesOf, BrokenStream } from './lines.ts';
import { PlainParagraphs, readJsonRow, type Entry } from './ownFormats.ts';
import { Collector, type OwnLimits } from './ownPassages.ts';
import type { OwnProblem } from './problems.ts';
import { TsvRows } from './tsvRows.ts';

/** A file of a corpus, such as a `File` of the page; it is read in pieces and never held whole. */
export interface CorpusFile {
  readonly name: string;
  readonly size: number;
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Longer passages than in `ownLimits`: retrieval corpora cut Wikipedia at 100 words. */
export const corpusLimits: Omit<OwnLimits, 'fileBytes'> = {
  passages: 200_000,
  words: 120,
  characters: 1200,
  problems: 50,
};

export interface CorpusReading {
  readonly passages: readonly Passage[];
  /** Bytes of all files read so far. */
  readonly bytes: number;
}

interface LineReader {
  push(line: string, number: number): Entry | undefined;
  end(): readonly Entry[];
}

const jsonLines = (): LineReader => ({
  push: (line, number) => (line.trim() === '' ? undefined : { line: number, ...readJsonRow(line) }),
  end: () => [],
});

const readers: Readonly<Record<string, () => LineReader>> = {
  jsonl: jsonLines,
  ndjson: jsonLines,
  json: jsonLines,
  tsv: () => new TsvRows(),
  txt: () => new PlainParagraphs(),
  text: () => new PlainParagraphs(),
};

/** Passages given to the caller at a time. */
const TOGETHER = 1024;

/**
 * Reads a corpus, file by file and line by line: JSON Lines (`{"title", "text"}`, or `{"id", "contents"}` as FlashRAG
 * and wiki-18 have it), TSV with or without a head, and text with a blank line between paragraphs; each also as .gz.
 * Bad lines are left out and told in `problems` with file and line, when all has been read.
 */
export async function* readCorpusFiles(
  files: readonly CorpusFile[],
  problems: (problems: readonly OwnProblem[]) => void,
  limits: Omit<OwnLimits, 'fileBytes'> = corpusLimits,
): AsyncGenerator<CorpusReading> {
  const collector = new Collector({ ...limits, fileBytes: Infinity });
  let bytes = 0;
  for (const file of files) {
    const { name } = file;
    const packed = /\.gz$/i.test(name);
    const extension = /\.([^.\s]+)$/.exec(name.replace(/\.gz$/i, ''))?.[1]?.toLowerCase() ?? '';
    const reader = readers[extension]?.();
    if (reader === undefined) {
      collector.problems.add(
        name,
        'a corpus is .jsonl, .tsv or .txt, also with .gz behind it. Save it as one of these.',
      );
      bytes += file.size;
      continue;
    }
    const before = collector.count;
    const problemsBefore = collector.problems.count;
    let full = false;
    /** False when there is no room left. */
    const take = (entry: Entry): boolean => {
      if ('problem' in entry) collector.problems.add(name, entry.problem, entry.line);
      else full = !collector.add(name, entry);
      return !full;
    };
    const counted = file.stream().pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (chunk, controller) => {
          bytes += chunk.length;
          controller.enqueue(chunk);
        },
      }),
    );
    try {
      for await (const line of linesOf(counted, packed)) {
        const entry =
          'text' in line ? reader.push(line.text, line.number) : { line: line.number, problem: line.problem };
        if (entry !== undefined && !take(entry)) break;
        if (collector.waiting >= TOGETHER) yield { passages: collector.take(), bytes };
      }
      if (!full) reader.end().every(take);
    } catch (error) {
      if (!(error instanceof BrokenStream)) throw error;
      collector.problems.add(name, `${error.message} What stands before it was read.`, error.line);
    }
    if (full) {
      const most = limits.passages.toLocaleString('en');
      collector.problems.add(name, `only the first ${most} passages were kept; what follows was left out.`);
      break;
    }
    if (collector.count === before && collector.problems.count === problemsBefore) {
      collector.problems.add(name, 'no passage in it. Give it at least one.');
    }
  }
  yield { passages: collector.take(), bytes };
  problems(collector.problems.all());
}
