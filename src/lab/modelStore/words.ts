/** Sizes and failures in words that stand alone, without the page's formatting. */

/** 269060552 → "269 MB". */
export function sizeInWords(bytes: number): string {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} KB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const isFull = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'QuotaExceededError';

export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'AbortError';
