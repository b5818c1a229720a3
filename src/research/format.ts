import type { Passage } from '../retrieval/retriever.ts';
import { chatmlPrompt, nanoPrompt, type PromptFormat } from '../text/chatTemplate.ts';

/** How a question is put to a policy, and how passages are handed back to it. */
export interface RolloutFormat {
  readonly prompt: PromptFormat;
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
  prompt: chatmlPrompt,
  resultBefore: ' <result>',
  resultAfter: '</result>',
  resultInner: ['\n', '\n'],
  passageSeparator: '\n\n',
  passageText: ({ title, text }) => `"${title}"\n${text}`,
};
