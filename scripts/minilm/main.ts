/**
 * all-MiniLM-L6-v2 (or another sentence-transformers model as ONNX) on our embedder, from one folder with model.onnx
 * and tokenizer.json.
 *
 *   npm run -s e2e:minilm -- --folder DIR --python PYTHON      our vectors against Python's onnxruntime and tokenizers;
 *                                                              ends with 1 where a cosine is below 0.9999
 *   npm run -s e2e:minilm -- --folder DIR --quality [FILE…]    how often it finds the gold passage, beside the shipped
 *                                                              model and BM25; FILEs are rows of HotpotQA, 2Wiki, MuSiQue
 *   npm run -s e2e:minilm -- --folder DIR --index 10000
 *                                                              indexes so many made-up passages on file, broken off once
 *                                                              and gone on with; rates, memory, searches
 *   npm run -s e2e:minilm -- --folder DIR --memory [--quantised]
 *                                                              what the process grows by at most, opening it and
 *                                                              embedding its longest texts
 *
 * `--name` is the model's name, by which pooling and prompts are known where the folder does not say them.
 */
import { parseArgs } from 'node:util';
import { loadEmbedderFiles } from '../../src/retrieval/embedderFiles.ts';
import { createOnnxEmbedder, type OnnxEmbedder } from '../../src/retrieval/onnxEmbedder.ts';
import { readModelFromFolder } from '../trainEmbedder/modelFolder.ts';
import { checkAgainstPython } from './agreement.ts';
import { indexOnce } from './indexing.ts';
import { qualityTable } from './quality.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string' },
    name: { type: 'string', default: 'all-MiniLM-L6-v2' },
    python: { type: 'string' },
    quality: { type: 'boolean', default: false },
    index: { type: 'string' },
    memory: { type: 'boolean', default: false },
    quantised: { type: 'boolean', default: false },
  },
});

const open = async (name: string, folder: string): Promise<OnnxEmbedder> =>
  createOnnxEmbedder(await loadEmbedderFiles(name, readModelFromFolder(folder)));

if (values.folder === undefined)
  throw new Error('--folder DIR: name the folder of model.onnx and tokenizer.json');
const { index } = values;
if (!values.quality && values.python === undefined && index === undefined && !values.memory) {
  throw new Error(
    '--python PYTHON: name a Python with onnxruntime, tokenizers and numpy; or give --quality, --memory or --index COUNT',
  );
}
if (values.memory) {
  const before = process.memoryUsage().rss;
  const read = readModelFromFolder(values.folder);
  const files = await loadEmbedderFiles(values.name, read, values.quantised ? 'quantised' : 'full');
  const opened = await createOnnxEmbedder(files);
  const texts = Array.from({ length: 8 }, () => 'word '.repeat(opened.maxTokens));
  await opened.embed(texts, 'passage');
  const grown = process.resourceUsage().maxRSS * 1024 - before;
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    `${megabytes(files.model.length)} of network, texts of ${opened.maxTokens} tokens: the process grew by ${megabytes(grown)} at most`,
  );
  process.exit(0);
}
if (index !== undefined) {
  const count = Number(index);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--index ${index}: give a whole number of passages`);
  const files = await loadEmbedderFiles(values.name, readModelFromFolder(values.folder));
  await indexOnce(files, count);
  process.exit(0);
}
const embedder = await open(values.name, values.folder);
const { dimension, maxTokens, pooling, notices } = embedder;
console.log(`${values.name}: ${dimension} dimensions, at most ${maxTokens} tokens, pooling ${pooling}`);
for (const notice of notices) console.log(notice);
let fine = true;
if (values.python !== undefined) fine = await checkAgainstPython(embedder, values.folder, values.python);
if (values.quality)
  await qualityTable([await open('shipped', 'public/models/embedder'), embedder], positionals);
process.exit(fine ? 0 : 1);
