import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { readModelFromFolder } from '../../../scripts/trainEmbedder/modelFolder.ts';
import { embedderId } from '../../../src/retrieval/embedderId.ts';
import { loadEmbedderFiles } from '../../../src/retrieval/embedderFiles.ts';
import { buildIndex } from '../../../src/retrieval/kept/buildIndex.ts';
import { keepCorpus, KeptPassages } from '../../../src/retrieval/kept/keptCorpus.ts';
import { KeptIndex } from '../../../src/retrieval/kept/keptIndex.ts';
import { createOnnxEmbedder } from '../../../src/retrieval/onnxEmbedder.ts';
import { memoryFiles } from '../retrieval/kept/memoryFiles.ts';
import { makePublicFolder, type PublicFolder } from './nodeSurroundings.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

let folder: PublicFolder;
beforeAll(async () => {
  folder = await makePublicFolder();
});
afterAll(() => folder.remove());

const passages = Array.from({ length: 2100 }, (_, i) => ({
  id: `p${i}`,
  title: i % 7 === 0 ? '' : `Town ${i}`,
  text: `Town ${i} is a city. It lies on the river ${(i * 31) % 2100}.`,
}));

it('a kept corpus is opened with an outline of its passages, which are read as they are asked for', async () => {
  const store = memoryFiles();
  const corpus = await keepCorpus(
    store,
    'towns',
    (async function* () {
      yield await Promise.resolve(passages);
    })(),
  );
  const files = await loadEmbedderFiles(
    'shipped',
    readModelFromFolder(fileURLToPath(new URL('models/embedder', folder.baseUrl))),
  );
  const [model, embedder] = [await embedderId(files), await createOnnxEmbedder(files)];
  const { name, dimension } = embedder;
  const index = await KeptIndex.begin(store, corpus, { id: model, name, dimension });
  await buildIndex(index, await KeptPassages.open(store, corpus.id), embedder, () => undefined);
  await embedder.dispose();

  const lab = new WatchedLab(folder);
  lab.holdings.store = store;
  await lab.load();
  await lab.ask({ type: 'corpus', id: 1, corpus: { kind: 'kept', corpus: corpus.id, model } });
  const [opened] = lab.all('corpus');
  expect(opened).toMatchObject({ id: 1, name: 'towns', questions: [] });
  expect(opened).not.toHaveProperty('passages');
  const outline = opened !== undefined && 'outline' in opened ? opened.outline : undefined;
  expect(outline?.ids).toEqual(passages.map(({ id }) => id));
  // One without a title is called by its text.
  expect(outline?.titles.slice(0, 2)).toEqual([passages[0]?.text, 'Town 1']);
  expect(outline?.kinds[5]).toBe('city');

  await lab.ask({ type: 'passages', id: 2, places: [2099, 3, 4] });
  expect(lab.all('passages')[0]?.passages).toEqual([passages[2099], passages[3], passages[4]]);
  await lab.ask({ type: 'map', id: 3 });
  await lab.ask({ type: 'near', id: 4, to: [{ passage: 'p2099' }], k: 3 });
  expect(lab.all('near')[0]?.found[0]?.passages).toHaveLength(3);

  store.files.delete(`corpora/${corpus.id}/passages-00001.json`);
  const told = await lab.ask({ type: 'passages', id: 5, places: [3, 2099] });
  expect(errorIn(told)).toMatchObject({ request: 'passages', id: 5 });
  expect(errorIn(told)?.message).toMatch(/passages-00001\.json is missing/);
});
