import { useState } from 'react';
import { Figure } from '../components/figure/Figure.tsx';
import { Segmented } from '../components/Segmented.tsx';
import { fixed } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import { methodNames } from '../../research/methodNames.ts';
import { generatedSets } from '../../world/types.ts';
import { marginOf } from './margin.ts';
import { setLabel } from '../components/setLabel.ts';
import { methodLabels } from './names.ts';
import { paperFigures, paperModels, type PaperModel } from './paper.ts';
import { methodRows, ScoreTable } from './ScoreTable.tsx';
import styles from './PaperTable.module.css';

const models = paperModels.map((value) => ({ value, label: `Qwen2.5-${value}` }));

/** The paper's own figures: another model, the real sets, Wikipedia. */
export function PaperTable() {
  const [model, setModel] = useState<PaperModel>('7B');
  const figures = paperFigures[model];
  const rows = methodNames.filter((method) => figures[method] !== undefined);
  const margin = marginOf(generatedSets, (method, set) => figures[method]?.[set]);
  return (
    <section className={styles.paper} aria-labelledby="paper">
      <div className={styles.head}>
        <h2 id="paper">
          The paper’s own figures <em>published, not run here</em>
        </h2>
        <Segmented label="Model of the paper" value={model} options={models} onChange={setModel} />
      </div>
      <p>
        Qwen2.5-{model} on the four real sets, five passages of Wikipedia a search (
        <a href="https://arxiv.org/abs/2503.19470">arXiv 2503.19470</a>, Table 2). ReSearch started from the
        instruct model. Heights are not to be compared with those above, whose worlds are invented and small;
        the order and the gaps are.
      </p>
      <Figure
        name={`paper-table-2-${model}`}
        className={styles.figure}
        caption={
          <p className={styles.unit}>
            <Term name="exactMatch">Exact match</Term>, per cent
          </p>
        }
        table={() => ({
          columns: ['method', ...generatedSets.map(setLabel)],
          rows: rows.map((method) => [
            methodLabels[method],
            ...generatedSets.map((set) => figures[method]?.[set] ?? null),
          ]),
        })}
      >
        <ScoreTable
          label="The paper’s table"
          columns={generatedSets.map((set) => ({ key: set, head: setLabel(set) }))}
          rows={methodRows(rows)}
          narrow
          cell={(method, set) => {
            const value = figures[method]?.[set];
            return value === undefined ? '–' : fixed(value);
          }}
        />
      </Figure>
      {margin !== undefined && (
        <p>
          ReSearch is {fixed(margin.points)} points above {methodLabels[margin.best]}, the best baseline,
          averaged over the sets.
        </p>
      )}
    </section>
  );
}
