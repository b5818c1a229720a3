import { counted, duration } from '../format.ts';
import type {
  EmbedderOffer,
  KeptEmbedder,
  ModelCard,
  ModelProgress,
} from '../../../lab/modelStore/protocol.ts';

const thin = '\u202f';

/** 269 MB, 1.2 GB, 4.1 MB, 49 KB; 0 KB of nothing alone. */
export function bytesText(bytes: number): string {
  if (bytes === 0) return `0${thin}KB`;
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))}${thin}KB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)}${thin}MB`;
  return `${(bytes / 1e9).toFixed(1)}${thin}GB`;
}

const parametersText = (count: number): string =>
  count < 1e9
    ? `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)}${thin}M`
    : `${(count / 1e9).toFixed(1)}${thin}B`;

/** "Llama, 135 M parameters, 30 layers, 49152 tokens, texts up to 8192". */
export function cardText({ architecture, parameters, layers, vocabulary, positions }: ModelCard): string {
  const family = `${architecture.charAt(0).toUpperCase()}${architecture.slice(1)}`;
  return `${family} · ${parametersText(parameters)} parameters · ${counted(layers, 'layer', 'layers')} · vocabulary ${vocabulary} · context ${positions}`;
}

/** "Bert, an embedding model · 6 layers · 384 dimensions · texts up to 512 tokens", as far as it is told. */
export function aboutText({ architecture, layers, dimension, positions }: EmbedderOffer['about']): string {
  const family = `${architecture.charAt(0).toUpperCase()}${architecture.slice(1)}, an embedding model`;
  const told = [
    ...(layers === undefined ? [] : [counted(layers, 'layer', 'layers')]),
    ...(dimension === undefined ? [] : [`${dimension} dimensions`]),
    ...(positions === undefined ? [] : [`texts up to ${positions} tokens`]),
  ];
  return [family, ...told].join(' · ');
}

/** "384 dimensions · pooled by mean · queries begin with “query: ” · about 150 MB while it runs". */
export function embedderText({ card }: KeptEmbedder): string {
  const { dimension, maxTokens, pooling, queryPrefix, passagePrefix, memory } = card;
  const begin = (what: string, prefix: string): readonly string[] =>
    prefix === '' ? [] : [`${what} begin with “${prefix}”`];
  return [
    `${dimension} dimensions`,
    `texts up to ${maxTokens} tokens`,
    `pooling: ${pooling}`,
    ...begin('queries', queryPrefix),
    ...begin('passages', passagePrefix),
    `about ${bytesText(memory)} while it runs`,
  ].join(' · ');
}

/** "12 of 270 MB, 3.1 MB/s, 83 s left". */
export function progressText({ done, total, rate }: ModelProgress): string {
  const come = `${bytesText(done)} of ${bytesText(total)}`;
  if (rate === undefined || done >= total) return come;
  return `${come} · ${bytesText(rate)}/s · ${duration((total - done) / rate)} left`;
}
