import { useEffect, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { probability } from '../components/format.ts';
import { tokenFacts } from '../components/rollout/tokenFacts.ts';
import { Term } from '../components/Term.tsx';
import { Segmented } from '../components/Segmented.tsx';
import type { PolicyChoice } from '../../lab/protocol.ts';
import type { Alternative } from '../store/labState.ts';
import type { RolloutEntry } from '../store/rolloutList.ts';
import { useApp } from '../store/store.ts';
import {
  askThere,
  forkProblem,
  forkRollout,
  policyChoices,
  policyWords,
  questionKey,
  usualPolicy,
} from '../worker/forking.ts';
import { ensureLoaded } from '../worker/labClient.ts';
import styles from './TokenPanel.module.css';

const shown = 8;

interface TokenPanelProps {
  readonly entry: RolloutEntry;
  readonly index: number;
}

/** One token of the rollout: all that is known of it, and what a live policy would say there instead. */
export function TokenPanel({ entry, index }: TokenPanelProps) {
  const { trace } = entry;
  const text = trace.tokens.texts[index];
  if (text === undefined) return <p className={styles.hint}>The rollout has no token {index + 1}.</p>;
  const facts = tokenFacts(trace, index);
  const absent = facts.filter(({ value }) => value === undefined).map(({ name }) => name.replace(/, .*/, ''));
  const unit = trace.pieces === 'words' ? 'word' : 'token';
  return (
    <div className={styles.token}>
      <p className={styles.head}>
        <q>{text.trim() === '' ? '␣' : text.trim()}</q> {unit} {index + 1} of {trace.tokens.texts.length}
      </p>
      <dl className={styles.facts}>
        {facts.map(({ name, term, value, about }) =>
          value === undefined ? null : (
            <div key={name} title={about}>
              <dt>
                <Term name={term}>{name}</Term>
              </dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {absent.length > 0 && <p className={styles.hint}>Not known here: {absent.join(', ')}.</p>}
      <Instead entry={entry} index={index} />
    </div>
  );
}

function Instead({ entry, index }: TokenPanelProps) {
  const info = useApp((state) => state.lab.info);
  const run = useApp((state) => state.lab.run);
  const lab = useApp((state) => state.lab);
  const [chosen, setChosen] = useState<PolicyChoice>();
  const problem = forkProblem(entry);
  if (problem !== undefined) return <p className={styles.hint}>{problem}</p>;
  const policy = chosen ?? usualPolicy(useApp.getState(), entry);
  if (info === undefined) {
    return (
      <div className={styles.instead}>
        <Button disabled={run === 'loading'} onClick={() => void ensureLoaded()}>
          {run === 'loading' ? 'Loading the policy…' : 'What else could stand here?'}
        </Button>
        <p className={styles.hint}>
          Loads the policy into this tab. Then another token can be taken, and it goes on from there.
        </p>
      </div>
    );
  }
  return (
    <div className={styles.instead}>
      <h3>Take another</h3>
      <Segmented
        label="Policy that goes on"
        value={policy}
        options={policyChoices({ lab }).map((value) => ({
          value,
          label: { base: 'pretrained', trained: 'trained', current: 'this tab’s' }[value],
        }))}
        onChange={setChosen}
      />
      <Alternatives key={`${entry.key} ${index} ${policy}`} entry={entry} index={index} policy={policy} />
      <p className={styles.hint}>
        Chances of {policyWords(policy, { lab })}. It goes on from the token you take, and its searches are
        answered{' '}
        {entry.group.origin.kind === 'run'
          ? 'in the world that this rollout searched.'
          : 'in the corpus that is open in Play.'}
      </p>
    </div>
  );
}

interface AlternativesProps extends TokenPanelProps {
  readonly policy: PolicyChoice;
}

function Alternatives({ entry, index, policy }: AlternativesProps) {
  const { trace } = entry;
  const run = useApp((state) => state.lab.run);
  const id = useApp((state) => state.tokenQuestions[questionKey(state, entry, index, policy)]);
  const tokens = useApp((state) => (id === undefined ? undefined : state.lab.alternatives[id]));
  const notice = useApp((state) => state.lab.notices.findLast((candidate) => candidate.id === id)?.message);
  useEffect(() => {
    askThere(entry, index, policy, shown);
  }, [entry, index, policy, run]);
  if (run === 'running' || run === 'pausing') {
    return <p className={styles.hint}>A run is at work. Pause it to ask what else was likely here.</p>;
  }
  if (id !== undefined && notice !== undefined) return <p role="alert">{notice}</p>;
  if (tokens === undefined) return <p className={styles.hint}>Asking the policy…</p>;
  const taken = trace.tokens.ids[index];
  const takenListed = tokens.some((token) => token.id === taken);
  return (
    <ul className={styles.list} aria-label="What the policy would say here">
      {tokens.map((token) => (
        <li key={token.id}>
          <Choice
            token={token}
            taken={token.id === taken}
            onTake={() => void forkRollout(entry, index, token, policy)}
          />
        </li>
      ))}
      {!takenListed && <li className={styles.hint}>What was taken is less likely than all of these.</li>}
    </ul>
  );
}

interface ChoiceProps {
  readonly token: Alternative;
  readonly taken: boolean;
  readonly onTake: () => void;
}

function Choice({ token, taken, onTake }: ChoiceProps) {
  const text = token.text.trim() === '' ? '␣' : token.text.trim();
  const chance = probability(token.probability);
  return (
    <button
      type="button"
      className={styles.choice}
      aria-label={`Take “${text}”, ${chance}${taken ? ', as the rollout did' : ''}`}
      onClick={onTake}
    >
      <code>{text}</code>
      <i style={{ width: `${token.probability * 100}%` }} />
      <span>{chance}</span>
      <em>{taken ? 'was taken' : 'take'}</em>
    </button>
  );
}
