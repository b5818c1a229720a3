/** What a model of the visitor's disk is called, where no folder of its own names it. */
import { parseDecoderConfig } from '../../engine/config.ts';
import { peekGguf } from '../../engine/ggufFile.ts';
import { cardOf } from './card.ts';
import { GGUF_TYPES } from './check.ts';
import type { LocalFile } from './copyFile.ts';
import type { Layout } from './layout.ts';

/** Bytes of a GGUF file in which its name stands: before the vocabulary. */
const BEGINNING = 2 ** 17;
const LONGEST = 80;

/** By what its files say; where they say nothing, by a file's name. Never rejects: whether they are right is seen later. */
export async function localName({ kind }: Layout, files: readonly LocalFile[]): Promise<string> {
  const find = (end: RegExp): LocalFile | undefined => files.find(({ name }) => end.test(name));
  const gguf = kind === 'gguf' ? find(/\.gguf$/i) : undefined;
  const config = kind === 'folder' ? find(/^config\.json$/) : undefined;
  const told =
    gguf !== undefined
      ? await ggufName(gguf).catch(() => undefined)
      : config && (await configName(config).catch(() => undefined));
  return told ?? plain((gguf ?? find(/\.onnx$/) ?? files[0])?.name.replace(/\.(gguf|onnx)$/i, '')) ?? 'model';
}

/** "Qwen3 0.6B Q8_0": the general name, and how the weights are stored, which other files of that name do not share. */
async function ggufName({ name: file, content }: LocalFile): Promise<string | undefined> {
  const head = new Uint8Array(await content.slice(0, BEGINNING).arrayBuffer());
  const { metadata } = peekGguf(head, file);
  const name = plain(metadata.get('general.name'));
  const type = GGUF_TYPES.get(Number(metadata.get('general.file_type') ?? NaN));
  if (name === undefined || type === undefined || name.toUpperCase().endsWith(type)) return name;
  return `${name} ${type}`;
}

/** "HuggingFaceTB/SmolLM2-135M", or by architecture and size: "qwen3-135M". */
async function configName({ content }: LocalFile): Promise<string | undefined> {
  const json: unknown = JSON.parse(await content.text());
  const path = typeof json === 'object' && json !== null && '_name_or_path' in json ? json._name_or_path : '';
  const named = plain(path);
  if (named !== undefined) {
    const parts = named.split(/[\\/]+/).filter((part) => !['', '.', '..'].includes(part));
    const isRepository = parts.length === 2 && /^[\w-]/.test(named);
    const last = isRepository ? parts.join('/') : parts.at(-1);
    if (last !== undefined) return last;
  }
  const { architecture, parameters } = cardOf(parseDecoderConfig(json, 'config.json'));
  const [size, unit] = parameters < 1e9 ? [parameters / 1e6, 'M'] : [parameters / 1e9, 'B'];
  return `${architecture}-${size.toFixed(size < 10 ? 1 : 0)}${unit}`;
}

/** A text in one line, not too long to be listed; undefined of nothing. */
function plain(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const line = text.replace(/[\s\p{C}]+/gu, ' ').trim();
  return line === '' ? undefined : line.slice(0, LONGEST);
}
