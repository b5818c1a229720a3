import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createDenseRetriever } from '../../src/retrieval/denseRetriever.ts';
import type { Embedder } from '../../src/retrieval/embedder.ts';
import { createLexicalRetriever } from '../../src/retrieval/lexical.ts';
import type { Retriever } from '../../src/retrieval/retriever.ts';
import { loadCountries } from '../../src/world/countries.ts';
import { generateWorld } from '../../src/world/generate.ts';
import { readOwnFiles } from '../../src/world/ownFiles.ts';
import type { World } from '../../src/world/types.ts';
import { hopAccuracy } from '../trainEmbedder/accuracy.ts';

/** Searched for with a whole question. */
const QUESTION_TOP = 5;

const generated = (seed: number): World =>
  generateWorld({
    seed,
    passages: 220,
    namesakes: 0.45,
    hops: { two: 0.5, three: 0.3, four: 0.2 },
    questions: 300,
  });

/** All paragraphs of a file's rows as one corpus. Throws where its questions name no gold passages. */
async function worldOfFile(file: string): Promise<World> {
  const name = basename(file);
  const { passages, questions } = readOwnFiles([{ name, content: new Uint8Array(await readFile(file)) }]);
  const known = questions.filter(({ chain }) => chain !== undefined);
  if (known.length === 0) throw new Error(`${file}: no question in it names its gold passages.`);
  return { name, seed: 0, passages, questions: known };
}

/** Share of the gold passages of all questions that are among the first five for the whole question. */
async function questionRecall(retriever: Retriever, { questions }: World): Promise<number> {
  const found = await retriever.search(
    questions.map(({ text }) => text),
    QUESTION_TOP,
  );
  let gold = 0;
  let hits = 0;
  questions.forEach(({ chain = [] }, i) => {
    const ids = new Set(chain.map(({ passageId }) => passageId));
    gold += ids.size;
    hits += (found[i] ?? []).filter(({ passage }) => ids.has(passage.id)).length;
  });
  return hits / gold;
}

/** Prints, for each corpus and each way to search, how often a hop's query and a whole question find gold passages. */
export async function qualityTable(embedders: readonly Embedder[], files: readonly string[]): Promise<void> {
  const worlds = [
    ...[1, 2, 3, 4, 5].map(generated),
    await loadCountries(),
    ...(await Promise.all(files.map(worldOfFile))),
  ];
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`.padStart(8);
  console.log(
    'corpus                 passages  queries  found by               hop: first  first 3   question: first 5',
  );
  for (const world of worlds) {
    const retrievers = [createLexicalRetriever(world.passages)];
    for (const embedder of embedders) retrievers.push(await createDenseRetriever(embedder, world.passages));
    for (const retriever of retrievers) {
      const { queries, top1, top3 } = await hopAccuracy(retriever, world);
      console.log(
        world.name.padEnd(22),
        String(world.passages.length).padStart(8),
        String(queries).padStart(8),
        `  ${retriever.label.padEnd(22)} ${percent(top1)} ${percent(top3)}            ${percent(await questionRecall(retriever, world))}`,
      );
    }
  }
}
