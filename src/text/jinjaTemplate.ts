/** A model's own chat template (Jinja source in tokenizer_config.json or GGUF), as transformers renders it. */
import { Template } from '@huggingface/jinja';
import { searchMessages, type ChatMessage, type PromptFormat, type PromptStyle } from './chatTemplate.ts';
import type { TextPart } from './tokenizer.ts';

export interface ChatTokens {
  readonly bosToken?: string | undefined;
  readonly eosToken?: string | undefined;
}

/** What stands for a message's content while the template runs: characters of private use, with its number. */
const mark = (index: number): string => `\uE000${index}\uE001`;
const MARKS = /\uE000(\d+)\uE001/u;

/**
 * The messages as the template lays them out, the template's own text apart from the messages' contents, which are
 * `plain`. The template sees marks for the contents, so that they can be told apart afterwards.
 * @param open end with the beginning of the assistant's turn
 * @throws Error where the template cannot be run or refuses the messages
 */
export function renderChat(
  source: string,
  messages: readonly ChatMessage[],
  tokens: ChatTokens,
  open = true,
): TextPart[] {
  let text: string;
  try {
    text = new Template(source).render({
      messages: messages.map(({ role }, i) => ({ role, content: mark(i) })),
      add_generation_prompt: open,
      bos_token: tokens.bosToken ?? '',
      eos_token: tokens.eosToken ?? '',
      tools: null,
    });
  } catch (error) {
    throw new Error(
      `The chat template cannot be used: ${error instanceof Error ? error.message : String(error)}. ` +
        'Give the template that the model was published with.',
      { cause: error },
    );
  }
  return text.split(MARKS).flatMap((part, i): TextPart[] => {
    if (i % 2 === 0) return part === '' ? [] : [{ text: part, plain: false }];
    const content = messages[Number(part)]?.content ?? '';
    return content === '' ? [] : [{ text: content, plain: true }];
  });
}

/** A question put through the model's own template, with what it has to know of the search tool. */
export function templatePrompt(source: string, tokens: ChatTokens, style: PromptStyle): PromptFormat {
  return {
    kind: 'template',
    build(question, tokenizer) {
      return tokenizer.encodeParts(renderChat(source, searchMessages(question, style), tokens));
    },
  };
}
