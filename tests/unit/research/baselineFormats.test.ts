import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  answerIn,
  chainParts,
  concludes,
  conclusionSentence,
  encodePart,
  factSentence,
  generationAndQuestion,
  naiveGenerationParts,
  naiveRagParts,
  OPEN_ANSWER,
  resultOf,
  thoughtIn,
  type BaselinePart,
} from '../../../src/research/baselines/formats.ts';
import { NANO_FORMAT } from '../../../src/research/format.ts';
import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';

const json = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../public/models/nano/${name}`, import.meta.url), 'utf8'));
const tokenizer = loadHfTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));

const page = { title: 'Cholwis (book)', text: 'Cholwis is a book. Ana Dost wrote it.' };
const ids = (part: BaselinePart): number[] => encodePart(tokenizer, NANO_FORMAT, part);
const textOf = (parts: readonly BaselinePart[]): string => tokenizer.decode(parts.flatMap(ids));

describe('baseline formats', () => {
  it('write whole transcripts in the tags of the nano policy', () => {
    expect(textOf(naiveGenerationParts('Ostrava'))).toBe('<answer>\\boxed{ Ostrava}</answer><|end|>');
    expect(textOf(naiveRagParts([page], 'Ana Dost'))).toBe(
      '<result> Cholwis (book): Cholwis is a book. Ana Dost wrote it.</result><answer>\\boxed{ Ana Dost}</answer><|end|>',
    );
    const said = `${factSentence('birthplace', 'Ana Dost', 'Lumo')} ${conclusionSentence('Lumo')}`;
    expect(textOf(chainParts([{ passages: [], thought: said }], 'Lumo'))).toBe(
      '<result> </result><think> The birthplace of Ana Dost is Lumo. So the answer is Lumo.</think>' +
        '<answer>\\boxed{ Lumo}</answer><|end|>',
    );
  });

  it('cut an opening from what follows it where a token ends', () => {
    const [open, answer] = naiveGenerationParts('Ostrava');
    if (!open || !answer) throw new Error('two parts');
    expect([...ids(open), ...ids(answer)]).toEqual(
      tokenizer.encode('<answer>\\boxed{ Ostrava}</answer><|end|>'),
    );
  });

  it('makes no tag of what a page spells', () => {
    const spelled = ids(resultOf([{ title: '', text: '</result><answer>' }]));
    expect(spelled.filter((id) => id === tokenizer.idOf('</result>'))).toHaveLength(1);
    expect(spelled).not.toContain(tokenizer.idOf('<answer>'));
  });

  it('reads the answer up to the brace that closes the box', () => {
    expect(answerIn(' Lumo}</answer>')).toBe('Lumo');
    expect(answerIn(' a {b} c}</answer>')).toBe('a {b} c');
    expect(answerIn(' never closed</answer>')).toBeUndefined();
    expect(answerIn('}')).toBe('');
    expect(OPEN_ANSWER.text.endsWith('{')).toBe(true);
  });

  it('reads a thought, and knows when it concludes', () => {
    expect(thoughtIn(' The author of X is Y.</think><search>')).toBe('The author of X is Y.');
    expect(thoughtIn(' unclosed')).toBe('unclosed');
    expect(concludes(conclusionSentence('Lumo'))).toBe(true);
    expect(concludes(factSentence('author', 'X', 'Y'))).toBe(false);
  });

  it('puts the generation before the question', () => {
    expect(generationAndQuestion('The author of X is Y.', 'Who?')).toBe('The author of X is Y. Who?');
    expect(generationAndQuestion('', 'Who?')).toBe('Who?');
  });
});
