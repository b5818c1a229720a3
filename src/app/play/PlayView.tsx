import { Part } from '../components/Part.tsx';
import { hasPrior } from '../components/priorFile.ts';
import { PriorShares } from '../components/PriorShares.tsx';
import { useApp } from '../store/store.ts';
import { AskBar } from './AskBar.tsx';
import { CorpusBar } from '../components/passages/CorpusBar.tsx';
import { Lede } from './Lede.tsx';
import { Panes } from './Panes.tsx';
import { PlaySettings } from './PlaySettings.tsx';
import { RunFigure } from './RunFigure.tsx';
import { ThenAndNow } from './ThenAndNow.tsx';
import styles from './PlayView.module.css';

/** The first view: the story in a sentence, before and after in a glance, and the way to try it. */
export function PlayView() {
  const own = useApp((state) => hasPrior(state.recipe.model));
  return (
    <div className={styles.play}>
      <div className={styles.hero}>
        <Lede />
        <Part name="figure">
          <RunFigure />
        </Part>
      </div>
      <div className={styles.ask}>
        <AskBar />
        <Part name="passages">
          <CorpusBar />
        </Part>
      </div>
      <Panes />
      <Part name="settings">
        <PlaySettings />
      </Part>
      <Part name="then-and-now">
        <ThenAndNow />
      </Part>
      <Part name="prior">
        <section className={styles.prior} aria-labelledby="prior">
          <h2 id="prior">What it had seen before the first reward</h2>
          {own && (
            <p>
              It was pretrained on transcripts from other made-up worlds, written by a program in these shares
              and no others. So it can search, and can guess; guessing is its habit. No world that it is
              trained or asked on was among them. The rest is the reward’s work.
            </p>
          )}
          <PriorShares />
        </section>
      </Part>
    </div>
  );
}
