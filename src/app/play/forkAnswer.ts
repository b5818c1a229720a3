import type { Trace } from '../../traces/trace.ts';
import { goTo } from '../routing/hashLocation.ts';
import { freshFileId, type ImportedFile } from '../store/importedFile.ts';
import { useApp } from '../store/store.ts';

const format = 'answers of Play';

/**
 * Opens an answer in Rollouts, the other one of its question in the same group: there any token of it can be taken anew.
 * @param token the one to begin with; else the first that the policy chose itself
 */
export function forkAnswer(
  answer: Trace,
  answers: readonly Trace[],
  token: number = Math.max(0, answer.tokens.generated.indexOf(true)),
): void {
  const { files, setRollouts } = useApp.getState();
  const key = `0.${answers.indexOf(answer)}`;
  const listed = files.find((file) => file.groups[0]?.traces.includes(answer) === true);
  const file: ImportedFile = listed ?? {
    id: freshFileId(),
    name: `Asked ${files.filter((other) => other.format === format).length + 1}`,
    format,
    groups: [{ traces: answers }],
    advantagesWorkedOut: false,
    problems: [],
  };
  setRollouts({
    files: listed === undefined ? [...files, file] : files,
    listed: file.id,
    filter: {},
    openInFile: key,
    cursor: key,
    token,
    beside: undefined,
  });
  goTo('/rollouts');
}
