import { z } from 'zod';

/** The files of a Hugging Face tokenizer, as far as we read them; unknown fields pass through to the library. */

const addedTokenSchema = z.looseObject({
  id: z.int().nonnegative(),
  content: z.string(),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().default(true),
  special: z.boolean().default(false),
});

const componentSchema = z.looseObject({ type: z.string() }).nullish();

const tokenizerSchema = z.looseObject({
  version: z.string().optional(),
  added_tokens: z.array(addedTokenSchema).default([]),
  normalizer: componentSchema,
  pre_tokenizer: componentSchema,
  post_processor: componentSchema,
  decoder: componentSchema,
  // Absent in some old files, whose model is then told by its fields.
  model: z.looseObject({ type: z.string().optional() }),
});

export const bpeModelSchema = z.looseObject({
  vocab: z.record(z.string(), z.int().nonnegative()),
  merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  ignore_merges: z.boolean().nullish(),
});

/** eos_token is a text in most files, and an added-token object in some. */
const tokenText = z.union([
  z.string(),
  z.looseObject({ content: z.string() }).transform((token) => token.content),
]);

const namedTemplate = z.looseObject({ name: z.string(), template: z.string() });

const configSchema = z.looseObject({
  bos_token: tokenText.nullish(),
  eos_token: tokenText.nullish(),
  /** Jinja source; in some files several, by what they are for. */
  chat_template: z.union([z.string(), z.array(namedTemplate)]).nullish(),
});

export type AddedTokenJson = z.infer<typeof addedTokenSchema>;
export type TokenizerJson = z.infer<typeof tokenizerSchema>;
export type TokenizerConfig = z.infer<typeof configSchema>;

function check<T>(file: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? 'the file' : issue.path.join('.');
  throw new Error(
    `${file}: ${field}: ${issue?.message ?? 'not understood'}. Use a tokenizer as saved by Hugging Face tokenizers.`,
  );
}

export function parseTokenizerJson(value: unknown): TokenizerJson {
  return check('tokenizer.json', tokenizerSchema, value);
}

export function parseBpeModel(value: unknown): z.infer<typeof bpeModelSchema> {
  return check('tokenizer.json (model)', bpeModelSchema, value);
}

export function parseTokenizerConfig(value: unknown): TokenizerConfig {
  return check('tokenizer_config.json', configSchema, value);
}

/** The template of a chat without tools: transformers' choice; where it would refuse, the one for tools does. */
export function chatTemplateOf({ chat_template: given }: TokenizerConfig): string | undefined {
  if (!Array.isArray(given)) return given ?? undefined;
  const named = (wanted: string) => given.find(({ name }) => name === wanted)?.template;
  return named('default') ?? named('tool_use');
}

/** The `tokenizer_config.json` beside a tokenizer trained here. */
export function makeTokenizerConfig(eosToken: string, chatTemplate?: string): TokenizerConfig {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    eos_token: eosToken,
    pad_token: eosToken,
    add_prefix_space: true,
    // Otherwise transformers drops spaces before punctuation when it decodes.
    clean_up_tokenization_spaces: false,
    ...(chatTemplate === undefined ? {} : { chat_template: chatTemplate }),
  };
}
