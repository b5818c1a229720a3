import { counted, duration } from '../components/format.ts';
import type { ModelCard, ModelProgress } from '../../lab/modelStore/protocol.ts';

const thin = '\u202f';

/** 269 MB, 1.2 GB, 4.1 MB, 49 KB. */
export function bytesText(bytes: number): string {
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

/** "12 of 270 MB, 3.1 MB/s, 83 s left". */
export function progressText({ done, total, rate }: ModelProgress): string {
  const come = `${bytesText(done)} of ${bytesText(total)}`;
  if (rate === undefined || done >= total) return come;
  return `${come} · ${bytesText(rate)}/s · ${duration((total - done) / rate)} left`;
}
