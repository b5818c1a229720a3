import { describe, expect, it } from 'vitest';
import { findActions } from '../../../src/app/actions/findActions.ts';
import type { Action } from '../../../src/app/actions/action.ts';

const action = (id: string, label: string, rest: Partial<Action> = {}): Action => ({
  id,
  label,
  where: 'everywhere',
  perform: () => undefined,
  ...rest,
});

const all = [
  action('train', 'Go to Train', { about: 'a run, its curves' }),
  action('trainHere', 'Train it yourself'),
  action('recipe', 'Open the recipe'),
  action('start', 'Start', { where: 'Train' }),
];

const ids = (typed: string) => findActions(all, typed).map(({ id }) => id);

describe('finding an action by what is typed', () => {
  it('finds all, in their order, for nothing', () => {
    expect(ids('  ')).toEqual(['train', 'trainHere', 'recipe', 'start']);
  });

  it('puts a label that begins so first, then a word that does, then the place', () => {
    expect(ids('TRAIN')).toEqual(['trainHere', 'train', 'start']);
  });

  it('wants every word, in any order, and reads descriptions', () => {
    expect(ids('train go')).toEqual(['train']);
    expect(ids('curves')).toEqual(['train']);
    expect(ids('open rollouts')).toEqual([]);
  });

  it('takes signs as they are', () => {
    expect(ids('go (to')).toEqual([]);
  });
});
