import type { ReadTraces } from '../../traces/readers/readTraceFile.ts';
import { freshFileId } from '../store/importedFile.ts';
import { useApp } from '../store/store.ts';

/** What the reading worker answers. */
export type FileAnswer =
  { readonly ok: true; readonly read: ReadTraces } | { readonly ok: false; readonly message: string };

/** Bytes of a file that a tab can hold as text, traces and words. */
const mostBytes = 64e6;

/** Reads files of rollouts in a worker of their own and lists the last of them; what cannot be read is told. */
export async function openTraceFiles(files: readonly File[]): Promise<void> {
  const { setRollouts } = useApp.getState();
  setRollouts({ importProblem: undefined });
  const problems: string[] = [];
  for (const file of files) {
    const answer = await readFile(file);
    if (!answer.ok) {
      problems.push(answer.message);
      continue;
    }
    const { files: before } = useApp.getState();
    const id = freshFileId();
    setRollouts({
      files: [...before, { id, name: file.name, ...answer.read }],
      listed: id,
      filter: {},
      openInFile: undefined,
      cursor: undefined,
      token: undefined,
      beside: undefined,
    });
  }
  if (problems.length > 0) setRollouts({ importProblem: problems.join(' ') });
}

async function readFile(file: File): Promise<FileAnswer> {
  const refused = refusal(file);
  if (refused !== undefined) return { ok: false, message: refused };
  const text = await file.text();
  const worker = new Worker(new URL('./fileWorker.ts', import.meta.url), { type: 'module', name: 'files' });
  try {
    return await new Promise<FileAnswer>((resolve) => {
      worker.addEventListener('message', (message: MessageEvent<FileAnswer>) => resolve(message.data));
      worker.addEventListener('error', (error) =>
        resolve({ ok: false, message: `${file.name} could not be read: ${error.message}` }),
      );
      worker.postMessage({ text, name: file.name });
    });
  } finally {
    worker.terminate();
  }
}

/** Why a file is not even looked into; what mends it. */
function refusal({ name, size }: File): string | undefined {
  if (size > mostBytes)
    return `${name} has ${Math.round(size / 1e6)} MB; at most ${mostBytes / 1e6} MB can be opened. Cut it into files.`;
  if (/\.parquet$/i.test(name))
    return `${name} is a Parquet file. Save it as JSON Lines first: pandas.read_parquet("${name}").to_json("rollouts.jsonl", orient="records", lines=True).`;
  if (/\.eval$/i.test(name))
    return `${name} is a packed log of Inspect. Unpack it first: inspect log dump ${name} > rollouts.json.`;
  return undefined;
}

/** Takes a file off the page. */
export function closeFile(id: number): void {
  const { files, listed, setRollouts } = useApp.getState();
  setRollouts({
    files: files.filter((file) => file.id !== id),
    ...(listed === id
      ? { listed: 'run', openInFile: undefined, cursor: undefined, token: undefined, beside: undefined }
      : {}),
  });
}
