import { useApp } from '../store/store.ts';
import { shippedModels } from './shipped.ts';
import { UseButtons } from './UseButtons.tsx';
import styles from './ModelList.module.css';

/** The policies that come with the page. */
export function ShippedModels() {
  const chosen = useApp((state) => state.recipe.model);
  return (
    <section className={styles.section} aria-labelledby="shipped-models">
      <h2 id="shipped-models">
        With the page <em>trained from scratch; nothing to download</em>
      </h2>
      <ul className={styles.list}>
        {shippedModels.map(({ model, about }) => (
          <li key={model} className={styles.row}>
            <p className={styles.name}>
              <b>{model}</b> {model === chosen && <small>in the recipe</small>}
            </p>
            <p className={styles.about}>{about}</p>
            <UseButtons model={model} name={model} />
          </li>
        ))}
      </ul>
    </section>
  );
}
