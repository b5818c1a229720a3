import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  overlongPenalty,
  paperReward,
  rewardOf,
  rewardText,
  type RewardOptions,
} from '../../../src/research/reward.ts';

const EOS = '<|end|>';
const SEARCH = '<search> q</search><result> A: x</result>';

/** A response that is right in form, around an answer. */
const good = (answer: string, middle = ''): string =>
  `<think> t</think>${middle}<answer> ${answer}</answer>${EOS}`;

describe('rewardOf: each branch of the paper’s code', () => {
  it.each<[string, string, string, number]>([
    ['right answer', good('\\boxed{ Roseau}', SEARCH), 'right answer, F1', 1],
    ['part of the answer', good('\\boxed{ Roseau Bay}'), 'right answer, F1', 2 / 3],
    ['wrong answer', good('\\boxed{ Paris}'), 'wrong answer, good format', 0.1],
    ['empty box', good('\\boxed{}'), 'wrong answer, good format', 0.1],
    ['one think unclosed', `<think> t${good('\\boxed{Roseau}')}`, 'think tags unbalanced', 0],
    ['one think unopened', `</think>${good('\\boxed{Roseau}')}`, 'think tags unbalanced', 0],
    ['no think', `<answer> \\boxed{Roseau}</answer>${EOS}`, 'no think', 0],
    ['no answer tag', `<think></think>\\boxed{Roseau}${EOS}`, 'answer tags', 0],
    ['two answers', `<answer></answer>${good('\\boxed{Roseau}')}`, 'answer tags', 0],
    ['answer unclosed', `<think></think><answer> \\boxed{Roseau}${EOS}`, 'answer tags', 0],
    ['search without result', good('\\boxed{Roseau}', '<search> q</search>'), 'search without result', 0],
    ['search unclosed', good('\\boxed{Roseau}', '<search> q<result></result>'), 'search without result', 0],
    ['result unclosed', good('\\boxed{Roseau}', '<search> q</search><result>'), 'search without result', 0],
    ['second search bare', good('\\boxed{Roseau}', `${SEARCH}<search></search>`), 'search without result', 0],
    [
      'result inside search',
      good('\\boxed{Roseau}', '<search><result></search></result>'),
      'tags out of order',
      0,
    ],
    [
      'answer backwards',
      `<think></think></answer> \\boxed{Roseau}<answer>${EOS}`,
      'answer tags out of order',
      0,
    ],
    ['no box', good('Roseau'), 'no box', 0],
    ['box without brace', good('\\boxed Roseau'), 'no box', 0],
    ['box only outside answer', `\\boxed{Roseau}${good('Roseau')}`, 'no box', 0],
    ['no end token', good('\\boxed{Roseau}').slice(0, -EOS.length), 'over length', 0],
    ['text after the end token', `${good('\\boxed{Roseau}')}.`, 'over length', 0],
    ['box unclosed', good('} \\boxed{Roseau'), 'box cannot be parsed', 0],
    ['last \\boxed not a box', good('\\boxed{Roseau} \\boxedly'), 'box cannot be parsed', 0],
  ])('%s', (_name, response, branch, value) => {
    const reward = rewardOf(response, EOS, ['Roseau']);
    expect(reward.branch).toBe(branch);
    expect(reward.value).toBeCloseTo(value, 12);
  });

  it('decides in the code’s order: an earlier failure hides the later ones', () => {
    expect(rewardOf('<think>', EOS, []).branch).toBe('think tags unbalanced');
    expect(rewardOf('', EOS, []).branch).toBe('no think');
    expect(rewardOf('<think></think><search>', EOS, []).branch).toBe('answer tags');
    expect(rewardOf('<think></think><answer></answer><search>', EOS, []).branch).toBe(
      'search without result',
    );
    expect(rewardOf('<think></think><answer></answer>', EOS, []).branch).toBe('no box');
  });

  it('ignores what it does not check: text outside tags, a self-written result, stray closing tags', () => {
    const odd = `hello </search></result> <result>mine</result>${good('\\boxed{Roseau}')}`;
    expect(rewardOf(odd, EOS, ['Roseau']).value).toBe(1);
  });

  it('counts the last box, with matched braces', () => {
    expect(rewardOf(good('\\boxed{Paris} \\boxed{Roseau}'), EOS, ['Roseau']).value).toBe(1);
    expect(rewardOf(good('\\boxed{\\text{Roseau} {x}}'), EOS, ['Roseau']).answer).toBe('\\text{Roseau} {x}');
    expect(rewardOf(good('\\boxed{a} \\boxed Roseau$ rest'), EOS, ['Roseau']).answer).toBe('Roseau');
  });

  it('pays a near miss less than a wrong answer when 0 < F1 < 0.1', () => {
    const long = Array.from({ length: 30 }, (_, i) => `w${i}`).join(' ');
    const reward = rewardOf(good(`\\boxed{${long} Roseau}`), EOS, ['Roseau']);
    expect(reward.branch).toBe('right answer, F1');
    expect(reward.value).toBeLessThan(0.1);
    expect(reward.value).toBeGreaterThan(0);
  });

  it('knows a right answer in a response that earns nothing', () => {
    const reward = rewardOf(`<answer> \\boxed{ Roseau}</answer>${EOS}`, EOS, ['Roseau']);
    expect(reward).toEqual({ value: 0, branch: 'no think', em: 1, f1: 1, answer: 'Roseau' });
  });

  it('takes no answer from a response that did not end', () => {
    const reward = rewardOf('<think></think><answer>\\boxed{Roseau}</answer>', '', ['Roseau']);
    expect(reward).toEqual({ value: 0, branch: 'over length', em: 0, f1: 0 });
  });

  it('stays within 0 … 1, pays F1, 0.1 or 0, and never throws', () => {
    const part = fc.constantFrom(
      ...['<think>', '</think>', '<search>', '</search>', '<result>', '</result>', '<answer>', '</answer>'],
      ...['\\boxed{', '}', '{', '\\boxed ', 'Roseau', ' the ', '$', EOS],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const reward = rewardOf(parts.join(''), EOS, ['Roseau']);
        const paid = { 'right answer, F1': reward.f1, 'wrong answer, good format': 0.1 }[
          reward.branch as string
        ];
        expect(reward.value).toBe(paid ?? 0);
        expect(reward.value).toBeLessThanOrEqual(1);
        expect(reward.em).toBeLessThanOrEqual(reward.f1 === 0 ? reward.em : 1);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the dials of the reward', () => {
  const unformed = `<answer> \\boxed{ Roseau}</answer>${EOS}`;
  const pays = (options: Partial<RewardOptions>, response: string): [number, string] => {
    const { value, branch } = rewardOf(response, EOS, ['Roseau'], { ...paperReward, ...options });
    return [value, branch];
  };

  it('em pays 1 for exactly right, and a part of the answer like a wrong one', () => {
    expect(pays({ answer: 'em' }, good('\\boxed{Roseau}'))).toEqual([1, 'right answer, EM']);
    expect(pays({ answer: 'em' }, good('\\boxed{Roseau Bay}'))).toEqual([0.1, 'wrong answer, good format']);
  });

  it('floor is what good form alone earns', () => {
    expect(pays({ floor: 0 }, good('\\boxed{Paris}'))).toEqual([0, 'wrong answer, good format']);
    expect(pays({ floor: 0.4 }, good('\\boxed{Paris}'))).toEqual([0.4, 'wrong answer, good format']);
    expect(pays({ floor: 0.4 }, unformed)).toEqual([0, 'no think']);
  });

  it('share pays form and answer each for itself, as Search-R1 does with 0.2', () => {
    const searchR1 = { answer: 'em', floor: 0.2, format: 'share' } as const;
    expect(pays(searchR1, good('\\boxed{Roseau}'))).toEqual([1, 'right answer, EM']);
    expect(pays(searchR1, unformed)).toEqual([0.8, 'no think']);
    expect(pays(searchR1, good('\\boxed{Paris}'))).toEqual([0.2, 'wrong answer, good format']);
    expect(pays(searchR1, `Paris${EOS}`)).toEqual([0, 'no think']);
    expect(pays({ format: 'share', floor: 0 }, unformed)).toEqual([1, 'no think']);
  });

  it('stays within 0 … 1, never pays a better answer less, and never changes which check decides', () => {
    const response = fc
      .array(
        fc.constantFrom(
          '<think>',
          '</think>',
          '<answer>',
          '</answer>',
          '\\boxed{',
          '}',
          'Roseau',
          ' Bay',
          EOS,
        ),
        { maxLength: 16 },
      )
      .map((parts) => parts.join(''));
    const options = fc.record({
      answer: fc.constantFrom('f1' as const, 'em' as const),
      floor: fc.double({ min: 0, max: 1, noNaN: true }),
      format: fc.constantFrom('gate' as const, 'share' as const),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          response,
          response.map((text) => good(text)),
        ),
        options,
        (text, chosen) => {
          const paper = rewardOf(text, EOS, ['Roseau']);
          const reward = rewardOf(text, EOS, ['Roseau'], chosen);
          expect(reward.value).toBeGreaterThanOrEqual(0);
          expect(reward.value).toBeLessThanOrEqual(1);
          expect([reward.em, reward.f1, reward.answer]).toEqual([paper.em, paper.f1, paper.answer]);
          const wellFormed =
            paper.branch === 'right answer, F1' || paper.branch === 'wrong answer, good format';
          if (!wellFormed) expect(reward.branch).toBe(paper.branch);
          const perfect = rewardOf(good('\\boxed{Roseau}'), EOS, ['Roseau'], chosen).value;
          expect(perfect).toBeCloseTo(1, 12);
          expect(reward.value).toBeLessThanOrEqual(perfect + 1e-12);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('overlongPenalty (DAPO, Eq. 13)', () => {
  it.each([
    [80, 0],
    [90, -0.5],
    [100, -1],
  ])('costs a response of %d of 100 tokens %d in a last fifth', (length, cost) => {
    expect(overlongPenalty(length, 100, 0.2)).toBeCloseTo(cost, 12);
  });

  it('costs nothing without a share, never more than 1, and never less for more', () => {
    expect(overlongPenalty(100, 100, 0)).toBe(0);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), share, (a, b, part) => {
        const [shorter, longer] = [Math.min(a, b), Math.max(a, b)];
        const cost = overlongPenalty(longer, 320, part);
        expect(cost).toBeGreaterThanOrEqual(-1);
        expect(cost).toBeLessThanOrEqual(overlongPenalty(shorter, 320, part));
      }),
    );
  });
});

describe('rewardText', () => {
  it('keeps passages from changing the reward', () => {
    const texts = [
      '<think></think><search>',
      '</search>',
      '<result>',
      '<answer>',
      '</result>',
      '<answer>x</answer>',
    ];
    const generated = [true, true, false, false, false, true];
    expect(rewardText({ texts, generated })).toBe(
      '<think></think><search></search><result></result><answer>x</answer>',
    );
  });

  it('reads what was written in the policy’s name', () => {
    const texts = ['<think>', ' a</think>', '<result>', '</result>', 'b'];
    const generated = [false, true, false, false, true];
    const given = [true, false, false, false, false];
    expect(rewardText({ texts, generated, given })).toBe('<think> a</think><result></result>b');
  });

  it('shows a result that was cut', () => {
    expect(
      rewardText({ texts: ['<search></search>', '<result>', ' A'], generated: [true, false, false] }),
    ).toBe('<search></search><result>');
  });
});
