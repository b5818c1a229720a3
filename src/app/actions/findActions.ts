import type { Action } from './action.ts';

/** How well one word of a search fits a text: 3 at its beginning, 2 at the beginning of a word, 1 within, 0 not. */
function fit(word: string, text: string): number {
  const at = text.indexOf(word);
  if (at < 0) return 0;
  if (at === 0) return 3;
  return new RegExp(`[^\\p{L}\\p{N}]${escaped(word)}`, 'u').test(text) ? 2 : 1;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * The actions that have every word of what was typed in their label, place or description, best first; those that fit
 * equally in their own order. Nothing typed finds all.
 */
export function findActions(all: readonly Action[], typed: string): readonly Action[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return all
    .map((action) => {
      const label = action.label.toLowerCase();
      const rest = `${action.where} ${action.about ?? ''}`.toLowerCase();
      const fits = words.map((word) => 2 * fit(word, label) || (fit(word, rest) > 1 ? 1 : 0));
      return { action, score: fits.includes(0) ? -1 : fits.reduce((sum, one) => sum + one, 0) };
    })
    .filter(({ score }) => score >= 0)
    .sort((a, b) => b.score - a.score)
    .map(({ action }) => action);
}
