import { fixed, signed } from '../format.ts';
import type { Baseline } from '../../../grpo/variants/variant.ts';
import { variantOf, type VariantName } from '../../../grpo/variants/variants.ts';
import { Term } from '../Term.tsx';
import styles from './AdvantageFormula.module.css';

interface AdvantageFormulaProps {
  readonly reward: number | undefined;
  readonly mean: number;
  readonly std: number;
  /** Rollouts of the group. */
  readonly size: number;
  readonly advantage: number | undefined;
  readonly variant: VariantName;
  readonly divideByStd: boolean;
}

/** The advantage: the symbols, the numbers put in, the result. */
export function AdvantageFormula(props: AdvantageFormulaProps) {
  const { reward, mean, std, size, advantage, variant, divideByStd } = props;
  if (reward === undefined || advantage === undefined) return null;
  if (std === 0 && advantage === 0) {
    return (
      <p className={styles.formula}>
        <i>A</i> = <b>0</b> <small>every rollout of the group earned the same: nothing to learn from</small>
      </p>
    );
  }
  const sign = advantage > 0 ? styles.more : advantage < 0 ? styles.less : undefined;
  const effect = advantage > 0 ? 'made likelier' : advantage < 0 ? 'made less likely' : 'left as it was';
  const { baseline } = variantOf(variant);
  // Who works it out with the numbers shown gets the number shown.
  const digits = divideByStd && std < 0.1 ? 4 : 3;
  const own = baseline !== 'batch' && baseline !== 'group in batch';
  return (
    <p className={`${styles.formula} ${styles.lines}`}>
      <Term name="advantage">
        <i>A</i>
      </Term>{' '}
      <span>= {symbols(baseline, divideByStd)}</span>{' '}
      <span className={styles.put}>
        {own && (
          <span>
            ={' '}
            {divideByStd ? (
              <>
                (<b>{fixed(reward)}</b> − <b>{fixed(mean, digits)}</b>) / <b>{fixed(std, digits)}</b>
              </>
            ) : (
              <>
                <b>{fixed(reward)}</b> −{' '}
                <b>{fixed(baseline === 'others' ? meanOfOthers(reward, mean, size) : mean, digits)}</b>
              </>
            )}
          </span>
        )}{' '}
        <span>
          = <b className={sign}>{signed(advantage)}</b> <small>{effect}</small>
        </span>
      </span>
    </p>
  );
}

function symbols(baseline: Baseline, divideByStd: boolean): string {
  switch (baseline) {
    case 'group':
      return divideByStd ? '(r − mean) / spread' : 'r − mean';
    case 'others':
      return 'r − mean of the others';
    case 'batch':
      return '(r − mean) / spread, of the whole batch';
    case 'group in batch':
      return '(r − mean of the group) / spread of the whole batch';
  }
}

const meanOfOthers = (reward: number, mean: number, size: number): number =>
  (mean * size - reward) / (size - 1);
