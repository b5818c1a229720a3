import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../src/engine/backend.ts';
import { parsePrior } from '../../../src/lab/modelFiles.ts';
import { priorBehaviours } from '../../../src/research/priorMixture.ts';
import { priorFile } from './nodeSurroundings.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('parsePrior', () => {
  it('weighs the stages’ shares by their portions', () => {
    const prior = {
      behaviours: { guess: 'Guesses.', search: 'Searches.' },
      stages: [
        { name: 'one', portion: 0.75, shares: { guess: 0.2, search: 0.8 } },
        { name: 'two', portion: 0.25, shares: { guess: 1 } },
      ],
    };
    const { shares, trained } = parsePrior(encode(prior));
    expect(shares.map(({ name, description }) => [name, description])).toEqual([
      ['guess', 'Guesses.'],
      ['search', 'Searches.'],
    ]);
    expect(shares[0]?.share).toBeCloseTo(0.4);
    expect(shares[1]?.share).toBeCloseTo(0.6);
    expect(trained).toBeUndefined();
    expect(parsePrior(encode({ ...prior, trained: 'trained.safetensors' })).trained).toBe(
      'trained.safetensors',
    );
  });

  it('reads the mixture as pretrain writes it: every behaviour, shares of 1 in all', () => {
    const { shares } = parsePrior(priorFile());
    expect(shares.map(({ name }) => name)).toEqual(Object.keys(priorBehaviours));
    expect(shares.every(({ share }) => share > 0)).toBe(true);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it.each([
    ['prior.json is not JSON', new TextEncoder().encode('{')],
    ['prior.json: Invalid input: expected object', encode([1])],
    ['prior.json: stages: ', encode({ behaviours: {} })],
    ['prior.json: stages.0.portion: ', encode({ behaviours: {}, stages: [{ name: 'a', shares: {} }] })],
    [
      'prior.json: stages.0.shares.gess: ',
      encode({ behaviours: { guess: 'x' }, stages: [{ name: 'a', portion: 1, shares: { gess: 1 } }] }),
    ],
  ])('refuses what it cannot read: %s', (message, bytes) => {
    let thrown: unknown;
    try {
      parsePrior(bytes);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(EngineError);
    expect(String(thrown)).toContain(message);
  });
});
