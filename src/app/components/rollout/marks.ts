/** Cuts `text` where `words` stand in it, ignoring case, so that they can be marked as text, never as markup. */
export function markWords(
  text: string,
  words: string | undefined,
): readonly { text: string; marked: boolean }[] {
  const wanted = words?.trim() ?? '';
  if (wanted.length < 2) return [{ text, marked: false }];
  const pieces: { text: string; marked: boolean }[] = [];
  const lowText = text.toLowerCase();
  const lowWanted = wanted.toLowerCase();
  // Lower-casing can change lengths (İ); positions would then be off, and nothing is marked rather than wrongly.
  if (lowText.length !== text.length) return [{ text, marked: false }];
  let from = 0;
  for (let at = lowText.indexOf(lowWanted); at >= 0; at = lowText.indexOf(lowWanted, from)) {
    if (at > from) pieces.push({ text: text.slice(from, at), marked: false });
    pieces.push({ text: text.slice(at, at + lowWanted.length), marked: true });
    from = at + lowWanted.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), marked: false });
  return pieces;
}
