import { useState, type DragEvent } from 'react';
import { Button } from '../Button.tsx';
import { counted } from '../format.ts';
import { readOwnFiles } from '../../../world/ownFiles.ts';
import type { OwnFile } from '../../../world/ownPassages.ts';
import type { OwnProblem } from '../../../world/problems.ts';
import { questionLimits } from '../../../world/readers/questionFile.ts';
import { useApp } from '../../store/store.ts';
import { chooseCorpus } from '../../worker/asking.ts';
import styles from './OwnPassages.module.css';

/**
 * Passages pasted or dropped in, and files of questions with their paragraphs. They are read here, searched in the
 * worker, and never sent anywhere.
 */
export default function OwnPassages() {
  const own = useApp((state) => state.own);
  const [text, setText] = useState('');
  // Problems of what was not taken; those of what is in use stand beside it.
  const [refused, setRefused] = useState<readonly OwnProblem[]>();
  const problems = refused ?? own?.problems ?? [];
  const [over, setOver] = useState(false);

  const take = (files: readonly OwnFile[]): void => {
    const read = readOwnFiles(files);
    // Questions alone are asked over the passages that are here.
    const passages =
      read.passages.length > 0 || read.questions.length === 0 ? read.passages : (own?.passages ?? []);
    if (passages.length === 0) {
      setRefused(read.problems);
      return;
    }
    setRefused(undefined);
    const name = files.map((file) => file.name).join(', ');
    chooseCorpus({ corpus: 'own', own: { ...read, name, passages } });
  };
  const takeFiles = async (list: FileList | null): Promise<void> => {
    const files = [...(list ?? [])];
    const large = files.find((file) => file.size > questionLimits.fileBytes);
    if (large !== undefined) {
      const message = `is larger than ${questionLimits.fileBytes / 1e6} MB. Cut it into parts.`;
      setRefused([{ file: large.name, message }]);
      return;
    }
    take(await Promise.all(files.map(async (file) => ({ name: file.name, content: await bytesOf(file) }))));
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void takeFiles(event.dataTransfer.files);
  };

  return (
    <div
      className={over ? `${styles.own} ${styles.over}` : styles.own}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <textarea
        aria-label="Your own passages"
        rows={own === undefined ? 6 : 3}
        placeholder={
          'Paste passages, a blank line between them; or drop .txt, .md or .jsonl files here, or a file of HotpotQA, 2Wiki, MuSiQue or Bamboogle.\n\nOrvane is a country. Its capital is Lissen.\n\nLissen lies on the Ombry.'
        }
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className={styles.buttons}>
        <Button disabled={text.trim() === ''} onClick={() => take([{ name: 'pasted text', content: text }])}>
          Use this text
        </Button>
        <label className={styles.file}>
          or files
          <input
            type="file"
            multiple
            accept=".txt,.md,.jsonl,.json,.csv,text/plain,text/markdown,text/csv,application/json"
            onChange={(event) => void takeFiles(event.target.files)}
          />
        </label>
        {own !== undefined && (
          <span>
            {`${own.name}: ${counted(own.passages.length, 'passage', 'passages')}`}
            {own.questions.length > 0 && ` and ${counted(own.questions.length, 'question', 'questions')}`} in
            use.
          </span>
        )}
      </div>
      {problems.length > 0 && (
        <ul className={styles.problem} role="alert">
          {problems.map((problem, i) => (
            <li key={i}>
              {problem.file}
              {problem.line !== undefined && `, line ${problem.line}`}: {problem.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const bytesOf = async (file: File): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());
