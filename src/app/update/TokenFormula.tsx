import { fixed, probability, scientific, signed } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import type { JudgedRollout } from '../../grpo/judge.ts';
import type { RatioLevel } from '../../grpo/ratio.ts';
import { variantOf } from '../../grpo/variants/variants.ts';
import type { Recipe } from '../../lab/recipe.ts';
import type { Trace } from '../../traces/trace.ts';
import styles from './Phase.module.css';

interface TokenFormulaProps {
  readonly recipe: Recipe;
  readonly trace: Trace | undefined;
  readonly rollout: JudgedRollout | undefined;
  readonly rolloutNumber: number;
  readonly token: number | undefined;
}

/** What stands before log π − log π_old inside of the exponential. */
const ratioWords: Readonly<Record<RatioLevel, string>> = {
  token: '',
  'rollout mean': 'mean over the rollout of ',
  'rollout product': 'sum over the rollout of ',
};

/** One token's objective: the symbols, its numbers put in, the result. */
export function TokenFormula({ recipe, trace, rollout, rolloutNumber, token }: TokenFormulaProps) {
  const found = token === undefined ? undefined : rollout?.tokens[token];
  if (trace === undefined || rollout === undefined || token === undefined || found == null) {
    return (
      <div className={styles.panel}>
        <h2>One token</h2>
        <p className={styles.note}>
          {rollout?.leftOut === true
            ? 'This variant leaves the rollout out: it is neither trained on nor counted.'
            : 'Choose a token to see its numbers.'}
        </p>
      </div>
    );
  }
  const { clipLow, clipHigh, klWeight, variant } = recipe.grpo;
  const rules = variantOf(variant);
  const old = trace.tokens.logprobs?.[token] ?? null;
  const now = trace.tokens.currentLogprobs?.[token] ?? old;
  const within = Math.min(Math.max(found.ratio, 1 - clipLow), 1 + clipHigh);
  const { advantage, weight } = rollout;
  const weighed = rules.surrogate === 'clipped weight';
  return (
    <div className={styles.panel}>
      <h2>
        {rules.label}, one token <em>rollout {rolloutNumber}</em>
      </h2>
      <p className={styles.chosen}>
        <q>{(trace.tokens.texts[token] ?? '').trim()}</q>
        {old !== null && <> had a chance of {probability(Math.exp(old))} when it was drawn</>}
      </p>
      <p className={styles.formula}>
        <Term name="ratio">ρ</Term> = exp({ratioWords[rules.ratio]}log π − log π<sub>old</sub>)
        <br />
        {rules.ratio === 'token' && now !== null && old !== null && (
          <>
            &nbsp;&nbsp;= exp(<b>{fixed(now, 4)}</b> − (<b>{fixed(old, 4)}</b>))
          </>
        )}{' '}
        <span className={styles.result}>
          = <b>{fixed(found.ratio, 4)}</b>
        </span>
      </p>
      <p className={styles.formula}>
        {weighed ? (
          <>
            J = <Term name="clip">clip</Term>(ρ, {fixed(1 - clipLow, 2)}, {fixed(1 + clipHigh, 2)}) · A · log
            π
            <br />
            &nbsp;&nbsp;= <b>{fixed(within, 4)}</b> · <b>{signed(advantage, 3)}</b> ·{' '}
            <b>{now === null ? '?' : fixed(now, 4)}</b>
          </>
        ) : (
          <>
            J = min(ρ A, <Term name="clip">clip</Term>(ρ, {bound(1 - clipLow)}, {bound(1 + clipHigh)}) A)
            <br />
            &nbsp;&nbsp;= min(<b>{signed(found.ratio * advantage, 4)}</b>,{' '}
            <b>{signed(within * advantage, 4)}</b>)
          </>
        )}
        {klWeight !== 0 && (
          <>
            {' '}
            − {klWeight} · <Term name="kl">KL</Term> <b>{fixed(found.kl, 4)}</b>
          </>
        )}{' '}
        <span className={styles.result}>
          = <b className={advantage < 0 ? styles.lessText : styles.moreText}>{signed(found.objective, 4)}</b>
        </span>
      </p>
      <p className={styles.formula}>
        <Term name="push">push</Term> = <Term name="weight">weight</Term> · ∂J/∂log π · (1 − π)
        <br />
        &nbsp;&nbsp;= <b>{scientific(weight)}</b> ·{' '}
        <b>{weight === 0 ? '0' : signed(found.slope / weight, 4)}</b> ·{' '}
        <b>{now === null ? '?' : scientific(1 - Math.exp(now))}</b>{' '}
        <span className={styles.result}>
          = <b className={found.push < 0 ? styles.lessText : styles.moreText}>{scientific(found.push)}</b>
        </span>
        {found.clipped && (
          <>
            <br />
            <small>clipped: going further earns nothing, so nothing pushes</small>
          </>
        )}
      </p>
    </div>
  );
}

/** GSPO's bounds are a few ten-thousandths wide. */
const bound = (value: number): string => fixed(value, Math.abs(value - 1) < 0.01 && value !== 1 ? 4 : 2);
