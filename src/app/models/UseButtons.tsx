import { Button } from '../components/Button.tsx';
import { goTo } from '../routing/hashLocation.ts';
import { useApp } from '../store/store.ts';
import { ensureLoaded } from '../worker/labClient.ts';
import styles from './ModelList.module.css';

interface UseButtonsProps {
  /** As the recipe names it. */
  readonly model: string;
  /** For people. */
  readonly name: string;
}

/** Puts a model into the recipe, and goes where it is used. */
export function UseButtons({ model, name }: UseButtonsProps) {
  const use = (path: '/' | '/train'): void => {
    const { recipe, takeRecipe } = useApp.getState();
    takeRecipe({ ...recipe, model });
    goTo(path);
    // Play answers with what is loaded, whatever the recipe says; a run loads its own recipe when it begins.
    if (path === '/') void ensureLoaded(true);
  };
  return (
    <span className={styles.acts}>
      <Button onClick={() => use('/train')} aria-label={`Use ${name} for training`}>
        Use for training
      </Button>
      <Button look="quiet" onClick={() => use('/')} aria-label={`Use ${name} in Play`}>
        Use in Play
      </Button>
    </span>
  );
}
