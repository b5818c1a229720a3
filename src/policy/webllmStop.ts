import type { TagStop } from './textPolicy.ts';

/**
 * What is left to write of the closing tag when web-llm finished with "stop", or undefined if the response itself ended.
 *
 * web-llm says neither which stop fired nor what it cut: its message ends before the stop, while the stream may have
 * shown the first tokens of it. So the closing tag fired if the stream ends inside it, or else if an opening tag is
 * still open. A closing tag that came in one token without its opening one cannot be told from the end.
 * @param written by the model since the last insertion
 */
export function restOfStop(written: string, { opening, closing }: TagStop): string | undefined {
  for (let length = closing.length - 1; length >= 2; length--) {
    if (written.endsWith(closing.slice(0, length))) return closing.slice(length);
  }
  const isOpen = written.lastIndexOf(opening) > written.lastIndexOf(closing);
  return isOpen ? closing : undefined;
}
