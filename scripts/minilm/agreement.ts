import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { passageText } from '../../src/retrieval/denseRetriever.ts';
import type { OnnxEmbedder } from '../../src/retrieval/onnxEmbedder.ts';
import { loadCountries } from '../../src/world/countries.ts';
import { generateWorld } from '../../src/world/generate.ts';

const LEAST_COSINE = 0.9999;

/** What tokenizers stumble over, beside prose of two worlds; the longest are cut. */
const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  'a',
  'ünïcödé façade naïve Łódź Ærø İstanbul ﬁligree',
  '東京は日本の首都です。人口は約1400万人。',
  'Москва — столица России; население 13 010 112.',
  'القاهرة هي عاصمة مصر',
  '🙂🏳️‍🌈 family 👩‍👩‍👧 and a zero‑width‍joiner',
  'e\u0301 and \u00e9, \u00a0non-breaking\u2003spaces\ttabs\nnew lines\r\n',
  'x = {"a": [1, 2.5e-3], "b": null}; // f(x) => x**2 != 3',
  'https://example.org/a_b?c=d&e=%20#frag user@example.org',
  '[CLS] special [SEP] words [MASK] of [UNK] the [PAD] model',
  'Pneumonoultramicroscopicsilicovolcanoconiosis '.repeat(3),
  `${'q'.repeat(150)} a word of more than a hundred letters`,
  '3.14159 ½ Ⅷ ² 1,000,000 −40 °C $5 €6 ¥7',
  'word '.repeat(600),
];

async function variedTexts(): Promise<readonly string[]> {
  const world = generateWorld({
    seed: 11,
    passages: 60,
    namesakes: 0.45,
    hops: { two: 0.5, three: 0.3, four: 0.2 },
    questions: 40,
  });
  const countries = await loadCountries();
  const some = <T>(all: readonly T[], count: number): readonly T[] =>
    all.filter((_, i) => i % Math.ceil(all.length / count) === 0);
  const prose = some(countries.passages, 60).map(passageText);
  return [
    ...ODD_TEXTS,
    ...world.passages.map(passageText),
    ...world.questions.map(({ text }) => text),
    ...prose,
    ...some(countries.questions, 40).map(({ text }) => text),
    prose.join(' '),
  ];
}

/** The same ONNX file under Python's onnxruntime; ours in batches with padding, theirs a text at a time. */
export async function checkAgainstPython(
  embedder: OnnxEmbedder,
  folder: string,
  python: string,
): Promise<boolean> {
  const { dimension, maxTokens, pooling } = embedder;
  const texts = await variedTexts();
  const script = fileURLToPath(new URL('./reference.py', import.meta.url));
  const made = spawnSync(python, [script, folder, String(maxTokens), pooling], {
    input: JSON.stringify(texts),
    stdio: ['pipe', 'pipe', 'inherit'],
    maxBuffer: 1 << 30,
    encoding: 'utf8',
  });
  if (made.status !== 0) {
    throw new Error(
      `the reference could not be made: that Python needs onnxruntime, tokenizers and numpy ${made.error?.message ?? ''}`,
    );
  }
  const reference = z
    .array(z.array(z.number()).length(dimension))
    .length(texts.length)
    .parse(JSON.parse(made.stdout));
  // The model's own prompts belong to neither side of the comparison: both see the text as it is.
  const ours = await embedder.embed(texts, 'passage');
  const cosines = reference.map((theirs, row) =>
    theirs.reduce((sum, x, d) => sum + x * (ours[row * dimension + d] ?? NaN), 0),
  );
  const worst = cosines.reduce((low, cosine, i) => (cosine < (cosines[low] ?? NaN) ? i : low), 0);
  const least = cosines[worst] ?? NaN;
  const largest = reference.reduce(
    (most, theirs, row) =>
      theirs.reduce((m, x, d) => Math.max(m, Math.abs(x - (ours[row * dimension + d] ?? NaN))), most),
    0,
  );
  const fine = least >= LEAST_COSINE;
  console.log(
    `${texts.length} texts against Python's onnxruntime: least cosine ${least.toFixed(7)}, largest difference of a ` +
      `number ${largest.toExponential(1)}${fine ? '' : `; below ${LEAST_COSINE}: ${JSON.stringify(texts[worst]?.slice(0, 80))}`}`,
  );
  return fine;
}
