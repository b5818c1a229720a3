import { actions } from '../actions/registry.ts';
import { ActionButton } from '../actions/ActionButton.tsx';
import { Segmented } from '../components/Segmented.tsx';
import { Term } from '../components/Term.tsx';
import type { TokenColour } from '../store/appState.ts';
import { useApp } from '../store/store.ts';
import styles from './PlaySettings.module.css';

const temperatures = [
  { value: '0', label: 'greedy' },
  { value: '0.6', label: '0.6' },
  { value: '1', label: '1' },
] as const;

const colours: readonly { readonly value: TokenColour; readonly label: string }[] = [
  { value: 'none', label: 'plain' },
  { value: 'surprise', label: 'surprise' },
];

/** How both are asked, and what is marked in what they said. */
export function PlaySettings() {
  const { temperature, dice, goldMarked, tokenColour, setPlay, setView } = useApp();
  const known = temperatures.some(({ value }) => value === String(temperature));
  return (
    <div className={styles.settings}>
      <div>
        <span className={styles.word}>
          <Term name="temperature">Temperature</Term>
        </span>
        <Segmented
          label="Temperature"
          value={String(temperature)}
          options={
            known
              ? temperatures
              : [...temperatures, { value: String(temperature), label: String(temperature) }]
          }
          onChange={(value) => setPlay({ temperature: Number(value) })}
        />
      </div>
      <div>
        <span className={styles.word}>Dice</span>
        <output>
          <Term name="seed">seed</Term> {dice}
        </output>
        <ActionButton action={actions.dice} look="quiet" text="Roll again" />
      </div>
      <div>
        <span className={styles.word}>
          <Term name="surprise">Tokens</Term>
        </span>
        <Segmented
          label="Colour of the tokens"
          value={tokenColour === 'push' ? 'none' : tokenColour}
          options={colours}
          onChange={(value) => setView({ tokenColour: value })}
        />
      </div>
      <label>
        <input
          type="checkbox"
          checked={goldMarked}
          onChange={(event) => setPlay({ goldMarked: event.target.checked })}
        />
        Mark pages of the gold chain
      </label>
    </div>
  );
}
