import { useEffect, type ComponentType } from 'react';
import { useLocation } from 'wouter';
import { hrefTo } from '../routing/hashLocation.ts';
import { CollapseChapter } from './CollapseChapter.tsx';
import { GroupsChapter } from './GroupsChapter.tsx';
import { GuessingChapter } from './GuessingChapter.tsx';
import { PolicyChapter } from './PolicyChapter.tsx';
import { SearchChapter } from './SearchChapter.tsx';
import { UpdateChapter } from './UpdateChapter.tsx';
import styles from './LearnView.module.css';

interface Chapter {
  readonly title: string;
  readonly about: string;
  readonly Body: ComponentType;
}

const chapters: readonly Chapter[] = [
  {
    title: 'What a policy does',
    about:
      'It reads everything written so far and gives every token of its vocabulary a probability of coming next. One is drawn, and it reads again. A rollout is nothing more than that, and training only changes the probabilities.',
    Body: PolicyChapter,
  },
  {
    title: 'Why guessing fails',
    about:
      'The worlds here are drawn from a seed. No name in them was in any text that the policy has seen, so there is nothing to remember: what it knows, it has to look up.',
    Body: GuessingChapter,
  },
  {
    title: 'Search as an action',
    about:
      'The policy can write a query between two tags. When it closes them it is stopped, the nearest passage is put in, and it goes on from there. No part of the program tells it when to do so.',
    Body: SearchChapter,
  },
  {
    title: 'Groups and advantages',
    about:
      'A reward alone says little: is 0.4 much for this question? So each question is answered several times, and a rollout is judged by the others of its group.',
    Body: GroupsChapter,
  },
  {
    title: 'The update, the clip and KL',
    about:
      'Each token the policy wrote is pushed by its rollout’s advantage: up in the better ones, down in the worse. Two things hold it back: a clip on how far one batch may move it and, if wanted, a pull back to where it started.',
    Body: UpdateChapter,
  },
  {
    title: 'Self-correction and collapse',
    about: 'What pays off spreads, whether or not anyone planned it. So does certainty.',
    Body: CollapseChapter,
  },
];

/** Six short chapters. Each asks first; each shows by itself once it is scrolled to. */
export default function LearnView() {
  const [path] = useLocation();
  const wanted = path.split('/')[2];
  useEffect(() => {
    if (wanted !== undefined) document.getElementById(`chapter-${wanted}`)?.scrollIntoView();
  }, [wanted]);
  return (
    <div className={styles.learn}>
      <header className={styles.lede}>
        <h1>How a guesser learns to search.</h1>
        <p>
          Six short chapters. Each asks for a guess, then shows the answer with this page’s own formulas,
          policy and recorded run.
        </p>
        <nav aria-label="Chapters">
          <ol>
            {chapters.map(({ title }, i) => (
              <li key={title}>
                <a href={hrefTo(`/learn/${i + 1}`)}>{title}</a>
              </li>
            ))}
          </ol>
        </nav>
      </header>
      {chapters.map(({ title, about, Body }, i) => (
        <section
          key={title}
          id={`chapter-${i + 1}`}
          className={styles.chapter}
          aria-labelledby={`title-${i + 1}`}
        >
          <header>
            <h2 id={`title-${i + 1}`}>
              <span>{i + 1}</span> {title}
            </h2>
            <p>{about}</p>
          </header>
          <Body />
        </section>
      ))}
      <p className={styles.end}>
        Now see it happen: <a href={hrefTo('/train')}>train it in this tab</a>.
      </p>
    </div>
  );
}
