import { lazy, Suspense, useState } from 'react';
import { actions } from '../actions/registry.ts';
import { ActionButton } from '../actions/ActionButton.tsx';
import { Button } from '../components/Button.tsx';
import { useApp } from '../store/store.ts';
import { askBoth, ensureCorpus, isAsking } from '../worker/asking.ts';
import styles from './AskBar.module.css';

// The list comes with its first opening: the first paint does not wait for it.
const QuestionList = lazy(() => import('./QuestionList.tsx'));

/** The question: typed, chosen from the corpus, or another by chance; and the button that makes it real. */
export function AskBar() {
  const text = useApp((state) => state.questionText);
  const asking = useApp(isAsking);
  const [choosing, setChoosing] = useState(false);
  const choose = (
    <Button
      aria-haspopup="dialog"
      onClick={() => {
        setChoosing(true);
        void ensureCorpus();
      }}
    >
      Choose…
    </Button>
  );
  const setPlay = useApp((state) => state.setPlay);
  return (
    <form
      className={styles.ask}
      onSubmit={(event) => {
        event.preventDefault();
        void askBoth();
      }}
    >
      <textarea
        className={styles.input}
        rows={1}
        aria-label="Question"
        placeholder="Ask about what is in the passages…"
        value={text}
        maxLength={500}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setPlay({ questionText: event.target.value.replaceAll('\n', ' ') })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          event.preventDefault();
          void askBoth();
        }}
      />
      <div className={styles.buttons}>
        {/* One button, so that the focus stays where it is. */}
        <Button
          className={styles.askOrStop}
          type={asking ? 'button' : 'submit'}
          disabled={!asking && text.trim() === ''}
          onClick={(event) => {
            if (!asking) return;
            // By the time the browser asks what the press does, this is the button that asks again.
            event.preventDefault();
            actions.stopAsked.perform();
          }}
        >
          {asking ? 'Stop' : 'Ask both'}
        </Button>
        <ActionButton action={actions.another} text="Another" />
        {choosing ? (
          <Suspense fallback={choose}>
            <QuestionList />
          </Suspense>
        ) : (
          choose
        )}
      </div>
      <ActionButton action={actions.trainHere} look="primary" />
    </form>
  );
}
