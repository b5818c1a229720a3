import { z } from 'zod';

/** The conversation part of a model's `mlc-chat-config.json`; other fields are web-llm's business. */
export const conversationSchema = z.looseObject({
  system_template: z.string(),
  roles: z.looseObject({ user: z.string(), assistant: z.string() }),
  role_templates: z.looseObject({ user: z.string().optional() }).nullish(),
  seps: z.array(z.string()).min(1, 'must hold at least one separator'),
  role_content_sep: z.string().nullish(),
  role_empty_sep: z.string().nullish(),
  system_prefix_token_ids: z.array(z.int()).nullish(),
  add_role_after_system_message: z.boolean().nullish(),
  stop_token_ids: z.array(z.int()).nullish(),
  stop_str: z.array(z.string()).nullish(),
});

export type Conversation = z.infer<typeof conversationSchema>;

/** A token that a tokenizer finds in any text it is given. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
}

/**
 * Writes a question as web-llm's own conversation code would (`Conversation.getPromptArrayInternal`), but as one text
 * that ends where the answer begins. web-llm's chat requests cannot go on inside an answer, its text completions can;
 * those add no first tokens, so `system_prefix_token_ids` are spelled here.
 */
export class ChatText {
  private readonly conversation: Conversation;
  private readonly first: string;
  private readonly controls: readonly string[];

  /** @throws Error if a first token cannot be spelled */
  constructor(conversation: Conversation, added: readonly AddedToken[]) {
    this.conversation = conversation;
    this.controls = added.map(({ content }) => content).filter((content) => /^[<[].+[>\]]$/s.test(content));
    this.first = (conversation.system_prefix_token_ids ?? [])
      .map((id) => {
        const token = added.find((candidate) => candidate.id === id);
        if (token !== undefined) return token.content;
        throw new Error(
          `The model begins with token ${id}, which its tokenizer.json does not list under added_tokens. Set overrides.conv_template to a template without system_prefix_token_ids.`,
        );
      })
      .join('');
  }

  prompt(system: string, question: string): string {
    const { system_template, roles, role_templates, seps, role_content_sep, role_empty_sep } =
      this.conversation;
    const content = (role_templates?.user ?? '{user_message}')
      .replace('{function_string}', '')
      .replace('{user_message}', () => this.plain(question.trim()));
    const bare = this.conversation.add_role_after_system_message === false;
    const role = bare ? '' : roles.user + (role_content_sep ?? ': ');
    return [
      this.first,
      system_template.replace('{system_message}', () => system),
      role,
      content,
      seps[0] ?? '',
      roles.assistant + (role_empty_sep ?? ': '),
    ].join('');
  }

  /** Opens every control token's text by a space after its first character, so that it stays letters. */
  plain(text: string): string {
    return this.controls.reduce(
      (safe, control) => safe.replaceAll(control, () => `${control.slice(0, 1)} ${control.slice(1)}`),
      text,
    );
  }
}
