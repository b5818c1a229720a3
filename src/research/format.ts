import type { Passage } from '../retrieval/retriever.ts';
import { chatmlPrompt, nanoPrompt, type PromptFormat, type PromptStyle } from '../text/chatTemplate.ts';
import { templatePrompt } from '../text/jinjaTemplate.ts';
import type { Tokenizer } from '../text/tokenizer.ts';

/** How a question is put to a policy, and how passages are handed back to it. */
export interface RolloutFormat {
  readonly prompt: PromptFormat;
  /** Written in the policy's name at the beginning of every response; left out of the loss. */
  readonly opening?: string;
  /** Tags around the passages, with the trusted white space before them. */
  readonly resultBefore: string;
  readonly resultAfter: string;
  /** White space after the opening and before the closing tag. */
  readonly resultInner: readonly [string, string];
  readonly passageSeparator: string;
  readonly passageText: (passage: Pick<Passage, 'title' | 'text'>) => string;
}

/**
 * The small policy trained here: one token a tag, a space before every word: `<result> text</result>`, with `Title: `
 * before a text that does not begin with its title.
 */
export const NANO_FORMAT: RolloutFormat = {
  prompt: nanoPrompt,
  resultBefore: '<result>',
  resultAfter: '</result>',
  resultInner: [' ', ''],
  passageSeparator: ' ',
  passageText: ({ title, text }) => (text.startsWith(title) ? text : `${title}: ${text}`),
};

/** Chat models, with the paper's result block: ` <result>\n{passages}\n</result>`, `"Title"\ntext` a blank line apart. */
export const CHAT_FORMAT: RolloutFormat = {
  prompt: chatmlPrompt('system'),
  resultBefore: ' <result>',
  resultAfter: '</result>',
  resultInner: ['\n', '\n'],
  passageSeparator: '\n\n',
  passageText: ({ title, text }) => `"${title}"\n${text}`,
};

/**
 * How the policy with this tokenizer is asked: the nano policies by their own tokens, any other by the paper's instruct
 * prompt through the chat template that it was published with (ChatML where it has the tokens and names no template).
 * @param style of a chat model's prompt
 * @throws Error for a model that knows no chat
 */
export function formatOf(tokenizer: Tokenizer, style: PromptStyle): RolloutFormat {
  const has = (token: string): boolean => tokenizer.idOf(token) !== undefined;
  if (has('<|user|>') && has('<search>') && has('<result>')) return NANO_FORMAT;
  const { chatTemplate } = tokenizer;
  const chat = { ...CHAT_FORMAT, ...(style === 'begun' ? { opening: '<think>' } : {}) };
  if (chatTemplate !== undefined) {
    return { ...chat, prompt: templatePrompt(chatTemplate, tokenizer, style) };
  }
  if (has('<|im_start|>') && has('<|im_end|>')) return { ...chat, prompt: chatmlPrompt(style) };
  throw new Error(
    'tokenizer_config.json: chat_template is missing, so there is no way to put a question to this model. Choose its instruct variant.',
  );
}
