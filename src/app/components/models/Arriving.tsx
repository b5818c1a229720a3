import { Button } from '../Button.tsx';
import { useApp } from '../../store/store.ts';
import { chooseModel, downloadModel, stopModel } from '../../worker/modelClient.ts';
import { aboutText, bytesText, cardText, progressText } from './bytes.ts';
import { WeightSizes } from './WeightSizes.tsx';
import styles from './Arriving.module.css';

/** What is being looked up or is on its way, what it would take, and what went wrong. */
export function Arriving() {
  const { busy, problem, came, progress } = useApp((state) => state.models);
  const setModels = useApp((state) => state.setModels);
  const dismiss = (): void => setModels({ ...useApp.getState().models, problem: undefined, came: undefined });
  return (
    <div className={styles.arriving}>
      <div role="status" className={styles.status}>
        {busy === 'inspect' && <p>Asking the hub…</p>}
        {came !== undefined && busy === undefined && (
          <p>
            <b>{came}</b> is kept in this browser.
          </p>
        )}
      </div>
      {problem !== undefined && (
        <div key={problem} ref={intoView} className={styles.problem} role="alert">
          <p>{problem}</p>
          <Button look="quiet" onClick={dismiss}>
            Dismiss
          </Button>
        </div>
      )}
      {(busy === 'download' || busy === 'take') && (
        <div className={styles.card}>
          <p className={styles.title}>{progress?.name ?? 'A model'}</p>
          <progress
            aria-label="Of the model"
            max={progress?.total ?? 1}
            value={progress === undefined ? undefined : progress.done}
          />
          <p className={styles.figures}>
            {progress === undefined ? 'Beginning…' : progressText(progress)}
            {progress !== undefined && <span className={styles.file}>{progress.file}</span>}
          </p>
          <Button onClick={stopModel}>Stop</Button>
        </div>
      )}
      {busy === undefined && <Offered />}
    </div>
  );
}

/** On a phone it is else below the fold, while the field that it answers is in sight. */
function intoView(problem: HTMLElement | null): void {
  problem?.scrollIntoView({ block: 'nearest' });
}

function Offered() {
  const offer = useApp((state) => state.models.offer);
  const choice = useApp((state) => state.models.choice);
  const setModels = useApp((state) => state.setModels);
  const forget = (): void => setModels({ ...useApp.getState().models, offer: undefined, choice: undefined });
  if (offer !== undefined) {
    return (
      <section className={styles.card} aria-labelledby="offer">
        <p id="offer" className={styles.title}>
          {offer.name} <em>revision {offer.origin.commit.slice(0, 7)}</em>
        </p>
        {offer.kind === 'embedder' ? (
          <>
            <p>{aboutText(offer.about)}</p>
            <p>
              Its network: <code>{offer.about.network}</code>. Memory while it runs: about{' '}
              {bytesText(offer.about.memory)}.
            </p>
          </>
        ) : (
          <>
            <p>{cardText(offer.card)}</p>
            <div className={styles.memory}>
              <p>Memory of its weights</p>
              <WeightSizes weights={offer.card.weights} training={offer.card.training} />
            </div>
          </>
        )}
        {offer.refusal !== undefined && <p className={styles.refusal}>{offer.refusal}</p>}
        <div className={styles.buttons}>
          {offer.refusal === undefined && (
            <Button look="primary" onClick={() => downloadModel(offer.name)}>
              Download {bytesText(offer.bytes)}
            </Button>
          )}
          <Button look="quiet" onClick={forget}>
            Not now
          </Button>
        </div>
      </section>
    );
  }
  if (choice === undefined) return null;
  return (
    <section className={styles.card} aria-labelledby="choice">
      <p id="choice" className={styles.title}>
        {choice.wanted.id} <em>holds several models: which?</em>
      </p>
      <ul className={styles.files}>
        {choice.gguf.map(({ name, bytes }) => (
          <li key={name}>
            <Button onClick={() => chooseModel({ ...choice.wanted, gguf: name })}>
              {name} <small>{bytesText(bytes)}</small>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
