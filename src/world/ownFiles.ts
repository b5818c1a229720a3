import type { Passage } from '../retrieval/retriever.ts';
import { ownLimits, readOwnPassages, type OwnFile } from './ownPassages.ts';
import type { OwnProblem } from './problems.ts';
import { questionLimits, readQuestionFile, type QuestionLimits } from './readers/questionFile.ts';
import type { Question } from './types.ts';

/** What a person's files hold together. */
export interface OwnFiles {
  readonly passages: readonly Passage[];
  readonly questions: readonly Question[];
  readonly problems: readonly OwnProblem[];
}

/** Files whose names promise no passages: what they hold instead is told. */
const NO_PASSAGES = /\.(?:json|csv|tsv|parquet|zip|gz|pdf|html?)$/i;

/**
 * Reads any mix of a test set's files, own questions, and passages as text, Markdown or JSON lines. A file of
 * questions brings its own paragraphs along; one without can be asked over the passages of another. Nothing throws.
 */
export function readOwnFiles(files: readonly OwnFile[], limits: QuestionLimits = questionLimits): OwnFiles {
  const problems: OwnProblem[] = [];
  const passageFiles: OwnFile[] = [];
  const questionFiles: OwnFile[] = [];
  for (const file of files) {
    // One row tells what it is; read is it below, when the ids of the passages are known.
    const probe = readQuestionFile(file, { ...limits, questions: 1 });
    if (probe.kind === 'questions') questionFiles.push(file);
    else if (probe.perhapsPassages && !NO_PASSAGES.test(file.name)) passageFiles.push(file);
    else problems.push(probe.problem);
  }
  const own = passageFiles.length === 0 ? undefined : readOwnPassages(passageFiles, ownLimits);
  const passages = [...(own?.passages ?? [])];
  problems.push(...(own?.problems ?? []));
  const questions: Question[] = [];
  const ids = new Set<string>();
  for (const file of questionFiles) {
    const taken = new Set(passages.map(({ id }) => id));
    const room = Math.max(0, limits.passages - passages.length);
    const read = readQuestionFile(file, { ...limits, passages: room }, taken);
    if (read.kind === 'other') continue;
    passages.push(...read.passages);
    problems.push(...read.leftOut, ...read.notes);
    for (const question of read.questions) {
      let id = question.id;
      for (let n = 2; ids.has(id); n++) id = `${question.id} (${n})`;
      ids.add(id);
      questions.push({ ...question, id });
    }
  }
  if (questions.length > 0 && passages.length === 0) {
    const file = questionFiles.map(({ name }) => name).join(', ');
    const message =
      'questions without paragraphs to search in. They are asked over the passages that are here, if there are any; else give passages along with them.';
    problems.push({ file, message });
  }
  return { passages, questions, problems };
}
