import { useState } from 'react';
import { Figure } from '../components/figure/Figure.tsx';
import { fixed, signed } from '../components/format.ts';
import { Segmented } from '../components/Segmented.tsx';
import { pushAt, type PushOptions } from './lessons.ts';
import { Predict } from './Predict.tsx';
import { Slider } from './Slider.tsx';
import { useScrolled } from './useScrolled.ts';
import styles from './chapters.module.css';

const signs = [
  { value: '1', label: 'a token of a better rollout, A = +1' },
  { value: '-1', label: 'of a worse one, A = −1' },
] as const;

const width = 560;
const height = 220;
const left = 40;
const bottom = 28;
const [least, most] = [0.4, 1.8];
const ratios = Array.from({ length: 141 }, (_, i) => least + (i * (most - least)) / 140);
const x = (ratio: number): number => left + ((ratio - least) / (most - least)) * (width - left - 8);
const y = (value: number): number => (height - bottom) / 2 - value * ((height - bottom) / 4.2);

/** The objective of one token over its ratio, with the clip and the pull of KL. */
export function UpdateChapter() {
  const [sign, setSign] = useState<'1' | '-1'>('1');
  const [asked, scrolled] = useScrolled();
  const [moved, setRatio] = useState<number>();
  // The token becomes likelier as the reader scrolls, into the clip; until the dial is taken.
  const ratio = moved ?? 1 + scrolled * 0.5;
  const [clipHigh, setClipHigh] = useState(0.28);
  const [klWeight, setKlWeight] = useState(0);
  const options: PushOptions = { advantage: Number(sign), clipLow: 0.2, clipHigh, klWeight };
  const line = ratios.map((at) => pushAt(at, options));
  const now = pushAt(ratio, options);
  const words = now.push > 0.005 ? 'likelier still' : now.push < -0.005 ? 'less likely' : 'left as it is';
  return (
    <Predict
      asked={asked}
      question="Within one update, a token of a better rollout has already become one and a half times as likely. Is it pushed further?"
      options={['Yes, as before', 'Yes, but half as hard', 'No']}
      right={2}
      outcome="Beyond 1.28 times the clip is reached: the objective is flat there, and a flat objective has no gradient. The batch was drawn by the policy as it was, and says little about one that has moved far from it."
    >
      <Figure
        name="clip-and-kl"
        caption={
          <div className={styles.tools}>
            <Segmented label="Token" value={sign} options={signs} onChange={setSign} />
          </div>
        }
        table={() => ({
          columns: ['ratio', 'objective', 'push', 'kl'],
          rows: line.map((at) => [at.ratio, at.objective, at.push, at.kl]),
        })}
      >
        <svg
          viewBox={`0 0 ${width} ${height}`}
          className={styles.plot}
          role="img"
          aria-label={`Objective over the ratio: at ${fixed(ratio)} it is ${signed(now.objective)}, and the push is ${signed(now.push)}.`}
        >
          <rect
            x={x(1 - 0.2)}
            y={0}
            width={x(1 + clipHigh) - x(1 - 0.2)}
            height={height - bottom}
            className={styles.within}
          />
          <line x1={left} x2={width} y1={y(0)} y2={y(0)} className={styles.axis} />
          <line
            x1={x(1)}
            x2={x(1)}
            y1={0}
            y2={height - bottom}
            className={styles.axis}
            strokeDasharray="2 3"
          />
          <polyline
            points={line.map((at) => `${x(at.ratio)},${y(at.objective)}`).join(' ')}
            className={styles.curve}
          />
          <circle
            cx={x(ratio)}
            cy={y(now.objective)}
            r={6}
            className={now.push < -0.005 ? styles.less : now.push > 0.005 ? styles.more : styles.still}
          />
          {[0.5, 1, 1.5].map((tick) => (
            <text key={tick} x={x(tick)} y={height - 6} textAnchor="middle" className={styles.tick}>
              {tick === 1 ? '1, as drawn' : `${tick}×`}
            </text>
          ))}
          <text x={x(1 + clipHigh) + 5} y={height - bottom - 8} className={styles.tick}>
            clipped
          </text>
          <text x={left} y={14} className={styles.tick}>
            objective
          </text>
        </svg>
        <div className={styles.dials}>
          <Slider
            label="Ratio ρ"
            value={ratio}
            min={least}
            max={most}
            step={0.01}
            words={fixed(ratio)}
            onMove={setRatio}
          />
          <Slider
            label="Clip above"
            value={clipHigh}
            min={0.05}
            max={0.7}
            step={0.01}
            words={fixed(clipHigh)}
            onMove={setClipHigh}
          />
          <Slider
            label="KL weight"
            value={klWeight}
            min={0}
            max={2}
            step={0.05}
            words={fixed(klWeight)}
            onMove={setKlWeight}
          />
        </div>
        <p className={styles.formula} role="status">
          min(ρA, clip(ρ)A){klWeight > 0 && ' − β·KL'} = <b>{signed(now.objective)}</b>; push{' '}
          <b>{signed(now.push)}</b>: {words}. {now.clipped && 'Clipped. '}KL from the start{' '}
          <b>{fixed(now.kl, 3)}</b>.
        </p>
      </Figure>
    </Predict>
  );
}
