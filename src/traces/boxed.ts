/**
 * `remove_boxed(last_boxed_only_string(…))` of the paper's code: inside of the last `\boxed{…}`, braces matched, or
 * the text after the last `\boxed ` up to a `$`. Undefined where the code would raise.
 */
export function lastBoxed(text: string): string | undefined {
  const spaced = '\\boxed ';
  const bare = text.lastIndexOf(spaced);
  if (bare >= 0) return text.slice(bare + spaced.length).split('$')[0];
  const opening = '\\boxed{';
  const start = text.lastIndexOf('\\boxed');
  if (start < 0 || !text.startsWith(opening, start)) return undefined;
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '{') depth++;
    if (text[i] === '}' && --depth === 0) return text.slice(start + opening.length, i);
  }
  return undefined;
}
