import { fixed, signed } from '../components/format.ts';
import styles from './AdvantageFormula.module.css';

interface AdvantageFormulaProps {
  readonly reward: number | undefined;
  readonly mean: number;
  readonly std: number;
  readonly advantage: number | undefined;
  readonly divideByStd: boolean;
}

/** The advantage: the symbols, the numbers put in, the result. */
export function AdvantageFormula({ reward, mean, std, advantage, divideByStd }: AdvantageFormulaProps) {
  if (reward === undefined || advantage === undefined) return null;
  if (std === 0) {
    return (
      <p className={styles.formula}>
        <i>A</i> = <b>0</b> <small>every rollout of the group earned the same: nothing to learn from</small>
      </p>
    );
  }
  const sign = advantage > 0 ? styles.more : advantage < 0 ? styles.less : undefined;
  const effect = advantage > 0 ? 'made likelier' : advantage < 0 ? 'made less likely' : 'left as it was';
  return (
    <p className={styles.formula}>
      <i>A</i> = {divideByStd ? '(r − mean) / spread' : 'r − mean'}
      <br />
      &nbsp;&nbsp;&nbsp;={' '}
      {divideByStd ? (
        <>
          (<b>{fixed(reward)}</b> − <b>{fixed(mean)}</b>) / <b>{fixed(std)}</b>
        </>
      ) : (
        <>
          <b>{fixed(reward)}</b> − <b>{fixed(mean)}</b>
        </>
      )}{' '}
      = <b className={sign}>{signed(advantage)}</b> <small>{effect}</small>
    </p>
  );
}
