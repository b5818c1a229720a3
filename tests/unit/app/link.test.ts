import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rolloutSorts } from '../../../src/app/store/rolloutFilter.ts';
import { decodeLink, encodeLink, type LinkState } from '../../../src/app/store/link.ts';
import { behaviourNames } from '../../../src/traces/trace.ts';
import { partNames } from '../../../src/app/store/parts.ts';
import { withFields } from '../../../src/app/store/recipeFields.ts';
import { variantNames } from '../../../src/grpo/variants/variants.ts';
import { presets, presetWith } from '../../../src/lab/presets.ts';
import { methodNames } from '../../../src/research/methodNames.ts';
import { generatedSets } from '../../../src/world/types.ts';

const usual = decodeLink('').state;

const changed = (fields: Readonly<Record<string, number | boolean | string>>) => {
  const result = withFields(presets.tiny, fields, 'test', 'tiny');
  if (!result.ok) throw new Error(result.message);
  return result.recipe;
};

describe('a link', () => {
  it('is empty where nothing differs', () => {
    expect(encodeLink(usual)).toBe('');
  });

  it('holds only what differs', () => {
    const recipe = changed({ seed: 7, 'grpo.divideByStd': false });
    expect(encodeLink({ ...usual, preset: 'tiny', recipe })).toBe(
      'v=1&preset=tiny&seed=7&grpo.divideByStd=false',
    );
  });

  it('brings a variant’s own values along by its name alone, and back again', () => {
    const { state, problems } = decodeLink('v=1&grpo.variant=gspo');
    expect(problems).toEqual([]);
    expect(state.recipe).toEqual(presetWith('quick', 'gspo'));
    expect(encodeLink(state)).toBe('v=1&grpo.variant=gspo');
    const wider = decodeLink('v=1&grpo.variant=gspo&grpo.clipLow=0.2').state;
    expect(wider.recipe.grpo).toMatchObject({ clipLow: 0.2, clipHigh: 4e-4 });
    expect(decodeLink(encodeLink(wider)).state).toEqual(wider);
    const back = withFields(state.recipe, { 'grpo.variant': 'grpo' }, 'test', 'quick');
    expect(back).toEqual({ ok: true, recipe: presets.quick });
  });

  it('names a variant that there is not', () => {
    const { state, problems } = decodeLink('v=1&grpo.variant=ppo');
    expect(state.recipe).toEqual(presets.quick);
    expect(problems[0]).toContain('grpo.variant');
  });

  it('comes back as it was sent', () => {
    const rollouts = fc.record(
      {
        filter: fc.record(
          {
            text: fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
            verdict: fc.constantFrom('right', 'broken'),
            behaviour: fc.constant('self-correction'),
            hops: fc.nat(4),
            update: fc.nat(999),
            rewardFrom: fc.constantFrom(0, 0.1, -1.5),
          },
          { requiredKeys: [] },
        ),
        order: fc.record({ by: fc.constantFrom(...rolloutSorts), down: fc.boolean() }),
        token: fc.nat(9999),
        beside: fc.constantFrom('60.1.2', '1.0.7'),
      },
      { requiredKeys: ['filter', 'order'] },
    );
    const state = fc.record(
      {
        preset: fc.constant('tiny' as const),
        recipe: fc
          .record({
            seed: fc.integer({ min: 0, max: 0x7fffffff }),
            'grpo.steps': fc.integer({ min: 0, max: 1000 }),
            'grpo.learningRate': fc.double({ min: 0, max: 1, noNaN: true, noDefaultInfinity: true }),
            'grpo.divideByStd': fc.constant(false),
            'world.namesakes': fc.double({ min: 0, max: 1, noNaN: true }),
            'world.distractors': fc.double({ min: 0, max: 0.8, noNaN: true }),
            'grpo.variant': fc.constantFrom(...variantNames),
            'grpo.clipHigh': fc.constantFrom(0.28, 0.4),
            'grpo.minibatches': fc.constantFrom(2, 3),
            'reward.answer': fc.constantFrom('f1', 'em'),
            'reward.format': fc.constantFrom('gate', 'share'),
            'rollout.retriever': fc.constantFrom('healthy', 'random', 'empty'),
          })
          // The text of a number has no negative zero.
          .map((fields) => changed(JSON.parse(JSON.stringify(fields)) as typeof fields)),
        backend: fc.constantFrom('auto' as const, 'wasm' as const, 'webgpu' as const),
        corpus: fc.constantFrom('generated' as const, 'countries' as const),
        question: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
        temperature: fc.constantFrom(0, 0.6, 1),
        dice: fc.integer({ min: 0, max: 0x7fffffff }),
        step: fc.integer({ min: 0, max: 99999 }),
        open: fc.record({ group: fc.nat(99), rollout: fc.nat(63) }),
        curves: fc.subarray(['kl', 'entropy', 'gradNorm']),
        behaviour: fc.constantFrom(...behaviourNames),
        hidden: fc.subarray([...partNames]),
        find: fc.string({ maxLength: 200, unit: 'grapheme' }),
        passage: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
        table: fc.record(
          {
            n: fc.integer({ min: 1, max: 5000 }),
            seed: fc.integer({ min: 0, max: 0x3fffffff }),
            world: fc.constantFrom('generated' as const, 'countries' as const),
            cell: fc.record({
              method: fc.constantFrom(...methodNames),
              set: fc.constantFrom(...generatedSets, 'countries' as const),
            }),
            item: fc.nat(4999),
            show: fc.constantFrom('all' as const, 'right' as const, 'wrong' as const),
          },
          { requiredKeys: ['n', 'seed', 'world', 'show'] },
        ),
        rollouts,
      },
      {
        requiredKeys: [
          ...(['preset', 'recipe', 'backend', 'corpus', 'temperature', 'dice', 'curves'] as const),
          ...(['hidden', 'table', 'behaviour', 'find', 'rollouts'] as const),
        ],
      },
    );
    fc.assert(
      fc.property(state, (sent: LinkState) => {
        const { state: read, problems } = decodeLink(encodeLink(sent));
        expect(problems).toEqual([]);
        expect(read).toEqual(sent);
      }),
    );
  });

  it('names a wrong field of the recipe and leaves the whole recipe at its preset', () => {
    const { state, problems } = decodeLink('v=1&seed=5&grpo.groupSize=1');
    expect(state.recipe).toEqual(presets.quick);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('grpo.groupSize');
  });

  it('names a field that no recipe has', () => {
    const { state, problems } = decodeLink('v=1&grpo.speed=9&__proto__.x=1');
    expect(state.recipe).toEqual(presets.quick);
    expect(problems[0]).toContain('speed');
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });

  it('takes the right values of a link whose others are wrong', () => {
    const { state, problems } = decodeLink('v=1&dice=9&temperature=hot&backend=abacus&step=-1&open=x');
    expect(state).toEqual({ ...usual, dice: 9 });
    expect(problems).toHaveLength(4);
  });

  it('leaves what stands wherever it is wrong, and takes the rest', () => {
    const standing: LinkState = {
      ...usual,
      preset: 'tiny',
      recipe: changed({ seed: 7 }),
      backend: 'wasm',
      temperature: 0.6,
      step: 4,
    };
    const { state, problems } = decodeLink('v=1&grpo.groupSize=1&backend=abacus&dice=9&step=x', standing);
    expect(state).toEqual({ ...standing, temperature: 1, dice: 9 });
    expect(problems).toHaveLength(3);
    expect(decodeLink('v=1&preset=huge&seed=3', standing).state.recipe).toBe(standing.recipe);
    expect(decodeLink('v=1&preset=huge').problems[0]).toContain('preset is “huge”');
    expect(decodeLink('v=2&seed=3', standing).state).toBe(standing);
  });

  it('hides the parts it names, and names one that there is not', () => {
    const { state, problems } = decodeLink('v=1&hide=after.train');
    expect([state.hidden, problems]).toEqual([['after', 'train'], []]);
    const wrong = decodeLink('v=1&hide=after.teacher&dice=3', state);
    expect(wrong.state).toEqual({ ...usual, dice: 3, hidden: ['after', 'train'] });
    expect(wrong.problems[0]).toContain('hide is “after.teacher”');
  });

  it('carries a model for web-llm, by name or as a record, and names one that is too long', () => {
    const record =
      '{"model":"http://localhost:8000/m","model_id":"m","model_lib":"http://localhost:8000/m.wasm"}';
    for (const webllm of ['Qwen3-0.6B-q4f16_1-MLC', record]) {
      const sent = encodeLink({ ...usual, webllm });
      expect(decodeLink(sent)).toEqual({ state: { ...usual, webllm }, problems: [] });
    }
    const { state, problems } = decodeLink(`v=1&webllm=${'x'.repeat(4001)}`, { ...usual, webllm: 'm' });
    expect(state.webllm).toBe('m');
    expect(problems[0]).toMatch(/^The link's webllm is/);
    expect(encodeLink({ ...usual, webllm: 'x'.repeat(4001) })).toBe('');
  });

  it('says so when it is of another version', () => {
    const { state, problems } = decodeLink('v=9&seed=3');
    expect(state).toEqual(usual);
    expect(problems[0]).toContain('version 9');
  });
});
