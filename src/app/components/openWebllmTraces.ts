import type { Trace } from '../../traces/trace.ts';
import { goTo } from '../routing/hashLocation.ts';
import { freshFileId, type ImportedFile } from '../store/importedFile.ts';
import { useApp } from '../store/store.ts';

/** Lists rollouts of web-llm's under Rollouts, as a file that was opened is; a single one is read at once. */
export function openWebllmTraces(name: string, traces: readonly Trace[]): void {
  const { files, setRollouts } = useApp.getState();
  const listed = files.find(({ groups }) => groups[0]?.traces[0] === traces[0]);
  const file: ImportedFile = listed ?? {
    id: freshFileId(),
    name,
    format: 'answers of web-llm: pieces of text, without token ids and chances',
    groups: traces.map((trace) => ({ traces: [trace] })),
    advantagesWorkedOut: false,
    problems: [],
  };
  const key = traces.length === 1 ? '0.0' : undefined;
  setRollouts({
    files: listed === undefined ? [...files, file] : files,
    listed: file.id,
    filter: {},
    openInFile: key,
    cursor: key,
    token: undefined,
    beside: undefined,
  });
  goTo('/rollouts');
}
