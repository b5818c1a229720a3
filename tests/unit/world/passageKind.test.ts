import { describe, expect, it } from 'vitest';
import { loadCountries } from '../../../src/world/countries.ts';
import { generateWorld } from '../../../src/world/generate.ts';
import { passageKind } from '../../../src/world/passageKind.ts';

describe('what a passage is about', () => {
  it('is known of every page of the worlds', async () => {
    for (const about of ['everything', 'places'] as const) {
      const { passages } = generateWorld({
        seed: 5,
        passages: 200,
        namesakes: 0.4,
        hops: { two: 1, three: 0, four: 0 },
        questions: 1,
        about,
      });
      expect(passages.filter((passage) => passageKind(passage) === undefined)).toEqual([]);
    }
    const { passages } = await loadCountries();
    expect(passages.filter((passage) => passageKind(passage) === undefined)).toEqual([]);
  });

  it('is what the first sentence says, not a later one, and unknown where it says nothing', () => {
    const kind = (text: string) => passageKind({ id: 'x', title: 'Oro', text });
    expect(kind('Oro, a movie, was shot by Ann. It is a city.')).toBe('film');
    expect(kind('Oro is a football club. It plays in Lein.')).toBe('team');
    expect(kind('Oro is an engineer.')).toBe('person');
    expect(kind('The tram leaves at nine.')).toBeUndefined();
  });
});
