/** Which of a model's ONNX files to take: repositories have one network in several precisions. */

/** `full`: as it was trained; `quantised`: weights of 8 bits, about a quarter of the size. */
export type Precision = 'full' | 'quantised';
export const precisions = ['quantised', 'full'] as const satisfies readonly Precision[];

/** Names that exporters give (optimum, sentence-transformers, transformers.js), those to be preferred first. */
const FILES: Readonly<Record<Precision, readonly string[]>> = {
  full: ['model'],
  quantised: [
    'model_quantized',
    'model_quint8_avx2',
    'model_qint8_avx512_vnni',
    'model_qint8_avx512',
    'model_qint8_arm64',
    'model_int8',
    'model_uint8',
  ],
};
const FOLDERS = ['', 'onnx/'];

/** Paths that a network of a precision may have, the best first. */
const pathsOf = (precision: Precision): readonly string[] =>
  FILES[precision].flatMap((file) => FOLDERS.map((folder) => `${folder}${file}.onnx`));

/** Paths to look for, the wanted precision before the other. */
export function networkPaths(wanted: Precision): readonly string[] {
  return [...pathsOf(wanted), ...pathsOf(wanted === 'full' ? 'quantised' : 'full')];
}

/** Files beside the network that say what is done around it; all but the first are welcome, not needed. */
const SMALL_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'config.json',
  'modules.json',
  'config_sentence_transformers.json',
  'sentence_bert_config.json',
];
/** Beside them: where sentence-transformers puts it, or modules.json may say that it is. */
const POOLING = /^\w*Pooling\/config\.json$/;

/**
 * The network among a folder's files: the one of the wanted precision, else of the other, else the only one.
 * @throws Error saying what is there instead
 */
export function networkAmong(what: string, paths: readonly string[], wanted: Precision): string {
  const networks = paths.filter((path) => path.endsWith('.onnx'));
  const found =
    networkPaths(wanted).find((path) => networks.includes(path)) ??
    (networks.length === 1 ? networks[0] : undefined);
  if (found === undefined) {
    throw new Error(
      networks.length === 0
        ? `${what} has no .onnx file. Choose a repository or a folder with the model’s ONNX export.`
        : `${what} has ${networks.length} .onnx files (${networks.join(', ')}), and none is called model.onnx. Give one of them with tokenizer.json.`,
    );
  }
  if (paths.some((path) => path === `${found}_data` || path === `${found}.data`)) {
    throw new Error(
      `${what}: ${found} has its weights in a second file, which is not read here. Choose a smaller or a quantised one.`,
    );
  }
  if (!paths.includes('tokenizer.json')) {
    throw new Error(
      `${what} has no tokenizer.json. It lies beside the model where it was published; add it as it is there.`,
    );
  }
  return found;
}

/** As far as the file's name says it. */
export const precisionOf = (path: string): Precision => (/quant|int8|_q\d/.test(path) ? 'quantised' : 'full');

/** Whether a folder says of itself that it is an embedding model with an ONNX export. */
export const isEmbedder = (paths: readonly string[]): boolean =>
  paths.some((path) => path.endsWith('.onnx')) &&
  paths.some(
    (path) => POOLING.test(path) || path === 'modules.json' || path === 'config_sentence_transformers.json',
  );

/** All that is read of a model whose network has been chosen, the small files first. */
export const embedderPaths = (paths: readonly string[], network: string): readonly string[] => [
  ...paths.filter((path) => POOLING.test(path) || SMALL_FILES.includes(path)),
  network,
];
