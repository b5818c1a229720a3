import { useState } from 'react';
import { Segmented } from '../components/Segmented.tsx';
import { fixed } from '../components/format.ts';
import { methodNames } from '../../research/methodNames.ts';
import { generatedSets } from '../../world/types.ts';
import { marginOf } from './margin.ts';
import { setLabel } from '../components/setLabel.ts';
import { methodLabels } from './names.ts';
import { paperFigures, paperModels, type PaperModel } from './paper.ts';
import styles from './PaperTable.module.css';

const models = paperModels.map((value) => ({ value, label: `Qwen2.5-${value}` }));

/** The paper's own figures: another model, the real sets, Wikipedia. */
export function PaperTable() {
  const [model, setModel] = useState<PaperModel>('7B');
  const figures = paperFigures[model];
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
        Qwen2.5-{model} on the four real sets, five passages of Wikipedia a search; exact match, per cent (
        <a href="https://arxiv.org/abs/2503.19470">arXiv 2503.19470</a>, Table 2). ReSearch started from the
        instruct model. Heights are not to be compared with those above, whose worlds are invented and small;
        the order and the gaps are.
      </p>
      <div className={styles.scroller} tabIndex={0} role="region" aria-label="The paper’s table">
        <table className={styles.table}>
          <thead>
            <tr>
              <td />
              {generatedSets.map((set) => (
                <th key={set} scope="col">
                  {setLabel(set)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {methodNames.map((method) => {
              const row = figures[method];
              return (
                row !== undefined && (
                  <tr key={method}>
                    <th scope="row">{methodLabels[method]}</th>
                    {generatedSets.map((set) => (
                      <td key={set}>{fixed(row[set])}</td>
                    ))}
                  </tr>
                )
              );
            })}
          </tbody>
        </table>
      </div>
      {margin !== undefined && (
        <p>
          ReSearch is {fixed(margin.points)} points above {methodLabels[margin.best]}, the best baseline,
          averaged over the sets.
        </p>
      )}
    </section>
  );
}
