import type { TracePassage } from '../trace.ts';

/** `Doc 1(Title: "Lissen") text` of Search-R1. */
const numberedTitle = /^Doc\s+\d+\s*\(Title:\s*"?(.*?)"?\)\s*/;

/**
 * Passages in the text of a result: blocks a blank line apart with the title on their first line, in quotes or not
 * (ReSearch, FlashRAG); `Doc 1(Title: …)` (Search-R1); `(1)title` lines (R1-Searcher). A text in none of these layouts
 * is one passage without a title. Their scores are not told.
 */
export function passagesIn(inner: string): readonly TracePassage[] {
  const text = inner.trim();
  if (text === '') return [];
  const blocks = /^Doc\s+\d+\s*\(Title:/m.test(text)
    ? text.split(/\n(?=Doc\s+\d+\s*\(Title:)/)
    : /^\(1\)/.test(text)
      ? text.split(/\n?(?=\(\d+\)\S)/)
      : text.split(/\n[^\S\n]*\n/);
  return blocks
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map((block, i) => ({ id: `told ${i + 1}`, ...titled(block) }));
}

function titled(block: string): Pick<TracePassage, 'title' | 'text'> {
  const numbered = numberedTitle.exec(block);
  if (numbered !== null)
    return { title: (numbered[1] ?? '').trim(), text: block.slice(numbered[0].length).trim() };
  const end = block.indexOf('\n');
  const first = (end < 0 ? block : block.slice(0, end)).trim().replace(/^\(\d+\)\s*/, '');
  const rest = end < 0 ? '' : block.slice(end + 1).trim();
  const quoted = /^"(.*)"$/.exec(first);
  if (quoted !== null) return { title: quoted[1] ?? '', text: rest };
  return rest !== '' && first.length <= 100 ? { title: first, text: rest } : { title: '', text: block };
}
