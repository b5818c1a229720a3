import { Popover } from 'radix-ui';
import { useState } from 'react';
import { Button } from '../components/Button.tsx';
import { counted } from '../components/format.ts';
import { setLabel } from '../components/setLabel.ts';
import type { Question } from '../../world/types.ts';
import { useApp } from '../store/store.ts';
import { askBoth, ensureCorpus, pickQuestion } from '../worker/asking.ts';
import styles from './QuestionList.module.css';

/** All questions of the corpus, filtered as one types; open from the first, once the worker has made the corpus. */
export default function QuestionList() {
  const [open, setOpen] = useState(true);
  const corpus = useApp((state) => state.lab.corpus);
  const current = useApp((state) => state.corpusId);
  const has = corpus !== undefined && corpus.id === current;
  return (
    <Popover.Root
      open={open}
      onOpenChange={(now) => {
        setOpen(now);
        if (now) void ensureCorpus();
      }}
    >
      <Popover.Trigger asChild>
        <Button>Choose…</Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={styles.popover} align="end" sideOffset={6} collisionPadding={12}>
          {has ? (
            <Filtered
              questions={corpus.questions}
              onChoose={(question) => {
                pickQuestion(question);
                setOpen(false);
                void askBoth();
              }}
            />
          ) : (
            <p className={styles.wait}>Loading the engine and the passages…</p>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface FilteredProps {
  readonly questions: readonly Question[];
  readonly onChoose: (question: Question) => void;
}

function Filtered({ questions, onChoose }: FilteredProps) {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown =
    wanted === '' ? questions : questions.filter(({ text }) => text.toLowerCase().includes(wanted));
  return (
    <>
      <input
        className={styles.filter}
        aria-label="Filter the questions"
        placeholder={`Filter ${counted(questions.length, 'question', 'questions')}…`}
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      {questions.length === 0 && (
        <p className={styles.wait}>These passages came without questions: type one.</p>
      )}
      <ul className={styles.list} aria-label="Questions">
        {shown.map((question) => (
          <li key={question.id}>
            <button type="button" onClick={() => onChoose(question)}>
              <span>{question.text}</span>
              <Hops question={question} />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** How far the question goes, and the set whose shape it has. */
function Hops({ question: { chain, hops = chain?.length, set } }: { readonly question: Question }) {
  const far = hops === undefined ? [] : [counted(hops, 'hop', 'hops')];
  const words = [...(set === 'own' ? [] : [setLabel(set)]), ...far];
  return words.length === 0 ? null : <small>{words.join(' · ')}</small>;
}
