import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from './terminal.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk.remove());

describe('train refuses a recipe', () => {
  it('with wrong and unknown fields, naming file and fields', async () => {
    const file = await desk.file(
      'wrong.json',
      JSON.stringify({ grpo: { groupSize: 1, kl: 0 }, world: { passages: 'many' } }),
    );
    const message = await desk.refused('train', '--recipe', file);
    expect(message.startsWith(`train: ${file}: `)).toBe(true);
    for (const field of ['grpo.groupSize: ', 'grpo.kl: ', 'world.passages: '])
      expect(message).toContain(field);
  });

  it('that is no JSON, or neither file nor preset', async () => {
    const file = await desk.file('broken.json', '{ "grpo": ');
    expect(await desk.refused('train', '--recipe', file)).toMatch(
      /^train: .*broken\.json: cannot be read as a recipe/,
    );
    expect(await desk.refused('train', '--recipe', 'quik')).toMatch(
      /^train: quik: cannot be read as a recipe .*Name a preset \(quick, study, .*\) or a JSON file\./,
    );
  });

  it('whose responses the policy has no room for, before anything is run', async () => {
    const file = await desk.file(
      'long.json',
      JSON.stringify({ model: 'mine', rollout: { maxTokens: 2000 } }),
    );
    expect(await desk.refused('train', '--recipe', file, '--model', desk.model)).toMatch(
      /^train: rollout\.maxTokens: 2000 response tokens .*Use at most 960\.$/m,
    );
    const greedy = await desk.file('greedy.json', '{"rollout": {"temperature": 0}}');
    expect(await desk.refused('train', '--recipe', greedy)).toMatch(/greedy\.json: rollout\.temperature: /);
  });

  it('made wrong by an option', async () => {
    expect(await desk.refused('train', '--recipe', 'tiny', '--seed', '3000000000')).toMatch(
      /^train: recipe tiny: seed: /,
    );
  });
});
