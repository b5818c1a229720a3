import { describe, expect, it } from 'vitest';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { ADDED, TEXTS } from './nanoTokenizer.ts';

describe('trainBpe', () => {
  it('is independent of the order of the texts', () => {
    const options = { vocabularySize: 330, addedTokens: ADDED };
    expect(trainBpe([...TEXTS].reverse(), options)).toEqual(trainBpe(TEXTS, options));
  });

  it('merges the most frequent pair first, smaller ids at a tie', () => {
    const { model } = trainBpe(['abab abab cdcd'], { vocabularySize: 260, addedTokens: [] });
    expect(model['merges']).toEqual(['a b', 'Ġ ab', 'c d', 'Ġab ab']);
  });

  it('numbers added tokens, bytes, merges, in this order', () => {
    const json = trainBpe(TEXTS, { vocabularySize: 300, addedTokens: ADDED });
    const vocab = json.model['vocab'] as Record<string, number>;
    expect(Object.values(vocab).sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, id) => id));
    expect(vocab['<|end|>']).toBe(0);
    expect(vocab['Ġ']).toBe(ADDED.length + 32);
  });

  it('never learns the text of an added token as an ordinary one', () => {
    const merges = (added: string[]): unknown =>
      trainBpe(['xy', 'xy xy'], { vocabularySize: 300, addedTokens: added }).model['merges'];
    expect(merges([])).toEqual(['Ġ x', 'Ġx y']);
    // Cut out of the text wherever it stands; and 'Ġxy' written with a visible Ġ must not be learned from spaces.
    expect(merges(['xy'])).toEqual([]);
    expect(merges(['Ġxy'])).toEqual(['Ġ x']);
  });

  it('says when the vocabulary cannot hold the bytes', () => {
    expect(() => trainBpe([], { vocabularySize: 256, addedTokens: ['<x>'] })).toThrow(/need 257/);
  });
});
