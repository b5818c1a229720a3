/** A file as it was dropped, read or pasted. */
export interface SourceFile {
  /** Shown in problems and part of passage ids, such as "notes.md" or "pasted text". */
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** The file as text with `\n` line ends, or a message that says why not. */
export function decodeFile(
  { content }: SourceFile,
  mostBytes: number,
): { readonly text: string } | { readonly problem: string } {
  const size = typeof content === 'string' ? content.length : content.byteLength;
  if (size > mostBytes) {
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    return {
      problem: `too large: ${megabytes(size)}, and at most ${megabytes(mostBytes)} can be read. Cut it into parts.`,
    };
  }
  let text: string;
  try {
    text = typeof content === 'string' ? content : new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return { problem: 'not UTF-8 text. Save it as text in UTF-8 and try again.' };
  }
  if (text.includes('\0'))
    return { problem: 'not text (it holds zero bytes). Save it as plain text in UTF-8.' };
  return { text: text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n') };
}
