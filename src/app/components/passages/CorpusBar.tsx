import { lazy, Suspense } from 'react';
import { Segmented } from '../Segmented.tsx';
import { counted } from '../format.ts';
import type { CorpusKind } from '../../store/appState.ts';
import { sizeOfCorpus } from '../../store/labState.ts';
import { useApp } from '../../store/store.ts';
import { chooseCorpus } from '../../worker/asking.ts';
import { EmbedderForm } from './EmbedderForm.tsx';
import styles from './CorpusBar.module.css';

// With all readers of files: the first paint does not wait for them.
const OwnPassages = lazy(() => import('./OwnPassages.tsx'));
const KeptCorpora = lazy(() => import('./KeptCorpora.tsx'));

const options: readonly { readonly value: CorpusKind; readonly label: string }[] = [
  { value: 'generated', label: 'A made-up world' },
  { value: 'countries', label: 'Real facts' },
  { value: 'own', label: 'Your own passages' },
  { value: 'kept', label: 'A large corpus' },
];

/** Where the answers are to be found: a generated world, the countries of the real one, or what a visitor brings. */
export function CorpusBar() {
  const corpus = useApp((state) => state.corpus);
  const own = useApp((state) => state.own);
  return (
    <section className={styles.bar} aria-label="Passages to search in">
      <div className={styles.row}>
        <span className={styles.word}>Search in</span>
        <Segmented
          label="Passages to search in"
          value={corpus}
          options={options}
          onChange={(kind) => chooseCorpus({ corpus: kind })}
        />
        <p className={styles.about}>
          <About />
        </p>
      </div>
      {corpus === 'own' && (
        <Suspense fallback={null}>
          <OwnPassages key={own?.name ?? ''} />
        </Suspense>
      )}
      {corpus === 'kept' ? (
        <Suspense fallback={null}>
          <KeptCorpora />
        </Suspense>
      ) : (
        <EmbedderForm />
      )}
    </section>
  );
}

function About() {
  const corpus = useApp((state) => state.corpus);
  const own = useApp((state) => state.own);
  const loaded = useApp((state) => (state.lab.corpus?.id === state.corpusId ? state.lab.corpus : undefined));
  const count = loaded === undefined ? '' : `${counted(sizeOfCorpus(loaded), 'passage', 'passages')}. `;
  if (corpus === 'own') return own === undefined ? null : `${count}${own.name}. Nothing leaves this tab.`;
  if (corpus === 'kept') {
    return loaded === undefined
      ? 'Tens of thousands of passages, indexed in the background and kept in this browser.'
      : 'Nothing leaves this browser.';
  }
  const credit = loaded?.credit === undefined ? '' : ` ${loaded.credit}`;
  if (corpus === 'countries') {
    return `${count}Countries, capitals, currencies, languages: never trained on, so you can check the answers.${credit === '' ? ' Facts: world-countries, ODbL.' : credit}`;
  }
  return `${count}Drawn from a seed: its names mean nothing elsewhere, so only searching helps.`;
}
