/**
 * What follows a passage's title in bold: most passages begin with their title, which stands there then. A title that
 * is only the beginning of the text's first word ("b" before "blue") is not one of them.
 */
export function passageBody({ title, text }: { readonly title: string; readonly text: string }): string {
  if (title === '') return text;
  const rest = text.slice(title.length);
  if (text.startsWith(title) && !/^[\p{L}\p{N}]/u.test(rest)) return rest;
  // "Is it so?" and "Output:" end by themselves.
  return /[.:!?…]$/u.test(title) ? ` ${text}` : `. ${text}`;
}
