/** What follows a passage's title in bold: most passages begin with their title, which stands there then. */
export function passageBody({ title, text }: { readonly title: string; readonly text: string }): string {
  if (title === '') return text;
  return text.startsWith(title) ? text.slice(title.length) : `. ${text}`;
}
