import { describe, expect, it } from 'vitest';
import { drawGroups } from '../../../src/lab/drawGroups.ts';
import type { RolloutTask } from '../../../src/research/rolloutOptions.ts';
import type { Question } from '../../../src/world/types.ts';
import { makeTrace } from '../grpo/makeTrace.ts';

const questionOf = (id: string): Question => ({ id, set: 'musique', text: id, golds: [] });
const questions = ['a', 'b', 'c'].map(questionOf);
const spare = ['d', 'e', 'f', 'g'].map(questionOf);

/** Draws with groups of two; questions in `flat` earn the same in every rollout. */
async function drawn(flat: string, redraws: number, left = spare) {
  const rounds: RolloutTask[][] = [];
  const batch = await drawGroups(questions, left, {
    groupSize: 2,
    redraws,
    rollOut: (tasks) => {
      rounds.push([...tasks]);
      return Promise.resolve(
        tasks.map(({ question, rollout }) => ({
          ...makeTrace({
            prompt: [1],
            response: [2],
            inserted: [],
            reward: flat.includes(question.id) ? 0.1 : rollout,
          }),
          question: { id: question.id, text: '', golds: [] },
        })),
      );
    },
  });
  const ids = (groups: readonly { question: Question }[]): string =>
    groups.map((g) => g.question.id).join('');
  return { rounds, batch, kept: ids(batch.groups), replaced: ids(batch.replaced) };
}

describe('drawGroups', () => {
  it('draws once where redraws are off', async () => {
    const { rounds, kept, replaced } = await drawn('abc', 0);
    expect([rounds.length, kept, replaced]).toEqual([1, 'abc', '']);
  });

  it('replaces groups without spread, in their places, and keeps the others', async () => {
    const { rounds, batch, kept, replaced } = await drawn('ac', 3);
    expect([rounds.length, kept, replaced]).toEqual([2, 'dbe', 'ac']);
    expect(rounds[1]?.map(({ group, rollout }) => [group, rollout])).toEqual([
      [0, 0],
      [0, 1],
      [2, 0],
      [2, 1],
    ]);
    batch.groups.forEach(({ question, traces }) => {
      expect(traces.map((trace) => trace.question.id)).toEqual([question.id, question.id]);
    });
  });

  it('stops at the bound, and keeps what it then has', async () => {
    const { rounds, kept, replaced } = await drawn('acdefg', 2);
    expect([rounds.length, kept, replaced]).toEqual([3, 'fbg', 'acde']);
  });

  it('stops when no question is left', async () => {
    const { kept, replaced } = await drawn('abcde', 9, spare.slice(0, 2));
    expect([kept, replaced]).toEqual(['dec', 'ab']);
  });

  it('never gives two rollouts the same draw', async () => {
    const { rounds } = await drawn('abcdefg', 5);
    const draws = rounds.flat().map(({ draw }) => draw);
    expect(draws).toHaveLength(14);
    expect(new Set(draws).size).toBe(draws.length);
  });
});
