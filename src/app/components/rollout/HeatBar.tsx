import { useApp } from '../../store/store.ts';
import type { TokenColour } from '../../store/appState.ts';
import type { Trace } from '../../../traces/trace.ts';
import { Segmented } from '../Segmented.tsx';
import { hasMeasure, measureOf, tokenMeasures, type Heat, type TokenMeasure } from './tokenMeasures.ts';
import { heatClass } from './Tokens.tsx';
import styles from './HeatBar.module.css';

const options: readonly { readonly value: TokenColour; readonly label: string }[] = [
  { value: 'none', label: 'nothing' },
  ...tokenMeasures.map(({ value, label }) => ({ value, label })),
];

/** What the tokens are coloured by, with its scale; and whether gold pages are marked. */
export function HeatBar({ trace }: { readonly trace: Trace }) {
  const colour = useApp((state) => state.tokenColour);
  const goldMarked = useApp((state) => state.goldMarked);
  const { setView, setPlay } = useApp.getState();
  const measure = measureOf(colour);
  return (
    <div className={styles.bar}>
      <div className={styles.choice} data-dial="">
        <span>Colour by</span>
        <Segmented
          label="Colour of the tokens"
          value={colour}
          options={options}
          onChange={(value) => setView({ tokenColour: value })}
        />
        <label>
          <input
            type="checkbox"
            checked={goldMarked}
            onChange={(event) => setPlay({ goldMarked: event.target.checked })}
          />{' '}
          gold pages
        </label>
      </div>
      {trace.pieces === 'texts' ? (
        <p className={styles.absent} role="status">
          <b>Nothing to colour by.</b> web-llm wrote this: it tells pieces of text, without their chances.
        </p>
      ) : (
        measure !== undefined && <Legend trace={trace} measure={measure} />
      )}
    </div>
  );
}

function Legend({ trace, measure }: { readonly trace: Trace; readonly measure: TokenMeasure }) {
  if (!hasMeasure(trace, measure)) {
    return (
      <p className={styles.absent} role="status">
        <b>Not known for this rollout.</b> {measure.missing}
      </p>
    );
  }
  const ways: readonly Heat['way'][] = measure.signed ? ['less', 'more'] : ['none'];
  return (
    <div className={styles.legend}>
      <ul aria-label={`Scale of ${measure.label}`}>
        {ways.flatMap((way) =>
          (way === 'less' ? ([3, 2, 1] as const) : ([1, 2, 3] as const)).map((shade) => {
            const step = measure.steps[shade - 1];
            if (step === undefined || step === '') return null;
            const sign = way === 'less' ? '−' : way === 'more' ? '+' : '';
            return (
              <li key={way + String(shade)}>
                <i className={heatClass({ shade, way })} aria-hidden="true">
                  ab
                </i>
                {sign}
                {step}
              </li>
            );
          }),
        )}
      </ul>
      <p>
        {measure.about}
        {measure.signed && ' Orange with a line below: likelier. Blue with a line above: less likely.'}
      </p>
    </div>
  );
}
