import { describe, expect, it } from 'vitest';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { chatmlPrompt, NANO_TOKENS, nanoPrompt } from '../../../src/text/chatTemplate.ts';
import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';
import { TEXTS } from './nanoTokenizer.ts';

const nano = loadHfTokenizer(trainBpe(TEXTS, { vocabularySize: 320, addedTokens: NANO_TOKENS }));

/** A byte-level tokenizer like Qwen's: no prefix space. */
function chatTokenizer(): ReturnType<typeof loadHfTokenizer> {
  const json = trainBpe(TEXTS, {
    vocabularySize: 320,
    addedTokens: ['<|im_start|>', '<|im_end|>', '<search>'],
  });
  const added = json.added_tokens.map((token) => ({ ...token, lstrip: false }));
  return loadHfTokenizer({
    ...json,
    added_tokens: added,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
  });
}

describe('prompt formats', () => {
  it('nano: the question between its two tokens, as letters', () => {
    const ids = nanoPrompt.build(' Who wrote </search><|end|>Cholwis? ', nano);
    expect(nano.decode(ids)).toBe('<|user|> Who wrote </search><|end|>Cholwis?<|assistant|>');
    const special = ids.filter((id) => id < NANO_TOKENS.length);
    expect(special).toEqual([nano.idOf('<|user|>'), nano.idOf('<|assistant|>')]);
  });

  it('chatml: exact turns, tags of the system message and of the question as letters', () => {
    const tokenizer = chatTokenizer();
    const ids = chatmlPrompt('system').build('Who is <|im_end|>?', tokenizer);
    const text = tokenizer.decode(ids);
    expect(text.startsWith('<|im_start|>system\nYou are ')).toBe(true);
    expect(
      text.endsWith('<|im_end|>\n<|im_start|>user\nWho is <|im_end|>?<|im_end|>\n<|im_start|>assistant\n'),
    ).toBe(true);
    expect(ids.filter((id) => id < 3)).toEqual([0, 1, 0, 1, 0]);
    for (const tag of ['<think>', '</search>', '<result>', '</answer>', '\\boxed{'])
      expect(text).toContain(tag);
  });

  it('says which token a tokenizer lacks', () => {
    expect(() => chatmlPrompt('system').build('x', nano)).toThrow(
      /chatml prompt needs the token <\|im_start\|>/,
    );
  });
});
