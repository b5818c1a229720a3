import type { EmbedderFile } from '../../../lab/keeping/keepProtocol.ts';

/** Files that say what is done around the network, by their places in a model's folder. */
const SMALL = [
  'tokenizer.json',
  'tokenizer_config.json',
  'modules.json',
  'config_sentence_transformers.json',
  'sentence_bert_config.json',
] as const;
const POOLING = '1_Pooling/config.json';

type Found =
  { readonly name: string; readonly files: readonly EmbedderFile[] } | { readonly problem: string };

/** A model among chosen files, or those of a chosen folder: exactly one .onnx, and its tokenizer. */
export function embedderFilesOf(chosen: readonly File[]): Found {
  /** Without the name of the chosen folder, if one was chosen. */
  const pathOf = (file: File): string => file.webkitRelativePath.split('/').slice(1).join('/') || file.name;
  const networks = chosen.filter(({ name }) => name.endsWith('.onnx'));
  const network =
    networks.length === 1
      ? networks[0]
      : networks.find((file) => /^(onnx\/)?model\.onnx$/.test(pathOf(file)));
  if (network === undefined) {
    const problem =
      networks.length === 0
        ? 'There is no .onnx file among them. Choose the model’s ONNX export with its tokenizer.json.'
        : `There are ${networks.length} .onnx files among them (${networks.map(pathOf).join(', ')}). Choose one, with tokenizer.json.`;
    return { problem };
  }
  const files: EmbedderFile[] = [{ path: 'model.onnx', content: network }];
  for (const path of [...SMALL, POOLING]) {
    const file = chosen.find((candidate) => pathOf(candidate) === path);
    if (file !== undefined) files.push({ path, content: file });
  }
  if (!files.some(({ path }) => path === 'tokenizer.json')) {
    return { problem: 'tokenizer.json is not among them. It lies beside the model where it was published.' };
  }
  const folder = network.webkitRelativePath.split('/')[0] ?? '';
  return { name: folder === '' ? network.name.replace(/\.onnx$/, '') : folder, files };
}
