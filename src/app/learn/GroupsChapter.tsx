import { useState } from 'react';
import { haveNoSpread } from '../../grpo/advantage.ts';
import { variantOf, type VariantName } from '../../grpo/variants/variants.ts';
import { AdvantageBar } from '../components/AdvantageBar.tsx';
import { Button } from '../components/Button.tsx';
import { Figure } from '../components/figure/Figure.tsx';
import { fixed, signed } from '../components/format.ts';
import { Segmented } from '../components/Segmented.tsx';
import { Predict } from './Predict.tsx';
import { Slider } from './Slider.tsx';
import { useScrolled } from './useScrolled.ts';
import styles from './chapters.module.css';

const variants: readonly { readonly value: VariantName; readonly label: string }[] = [
  { value: 'grpo', label: 'GRPO' },
  { value: 'dr-grpo', label: 'Dr. GRPO' },
  { value: 'rloo', label: 'RLOO' },
];

/** Tokens of a response, for formulas that weigh by length: all alike here. */
const tokens = 100;
const begun: readonly number[] = [0.1, 0.1, 1, 0.1, 0.1, 0.1, 0.1, 0.1];
/** Which of them is the better one. */
const better = 2;

/** Rewards to be moved, and the advantages that the update would use. */
export function GroupsChapter() {
  const [asked, scrolled] = useScrolled();
  const [moved, setRewards] = useState<readonly number[]>();
  // One reward rises as the reader scrolls, until any is moved.
  const rewards =
    moved ?? begun.map((reward, i) => (i === better ? 0.1 + scrolled * (reward - 0.1) : reward));
  const [name, setName] = useState<VariantName>('grpo');
  const variant = variantOf(name);
  const group = { rewards, tokens: rewards.map(() => tokens) };
  const advantages = variant.advantages([group], variant.mayDivideByStd && name === 'grpo')[0] ?? [];
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const flat = haveNoSpread(rewards);
  return (
    <Predict
      asked={asked}
      question="All eight rollouts of a question answer wrong but in the right format: each earns 0.1. Which of them is made likelier?"
      options={['All of them, a little', 'None of them', 'The shortest']}
      right={1}
      outcome="An advantage is a reward compared with the others of its group. Where all earn the same there is nothing to compare, and the group teaches nothing. Move a reward and see what one better rollout does to the other seven."
    >
      <Figure
        name="advantages"
        caption={
          <div className={styles.tools}>
            <Segmented label="Variant" value={name} options={variants} onChange={setName} />
            <Button look="quiet" onClick={() => setRewards(begun.map(() => 0.1))}>
              All the same
            </Button>
            <Button look="quiet" onClick={() => setRewards(begun)}>
              Reset
            </Button>
          </div>
        }
        table={() => ({
          columns: ['rollout', 'reward', `advantage, ${variant.label}`],
          rows: rewards.map((reward, i) => [i + 1, reward, advantages[i] ?? null]),
        })}
      >
        <p className={styles.caption}>
          The bar is the advantage: to the right its tokens are made likelier, to the left less likely.
        </p>
        <ol className={styles.rewards}>
          {rewards.map((reward, i) => (
            <li key={i}>
              <Slider
                label={`Reward ${i + 1}`}
                value={reward}
                min={0}
                max={1}
                step={0.01}
                words={fixed(reward)}
                onMove={(value) => setRewards(rewards.map((old, k) => (k === i ? value : old)))}
              />
              <AdvantageBar value={advantages[i]} />
              <output>{signed(advantages[i] ?? 0)}</output>
            </li>
          ))}
        </ol>
        <p className={styles.formula} role="status">
          mean <b>{fixed(mean)}</b>.{' '}
          {flat
            ? 'Spread 0: every rollout earned the same, this group teaches nothing.'
            : `${variant.label}: ${variant.about}`}
        </p>
      </Figure>
    </Predict>
  );
}
