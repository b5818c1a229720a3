import type { ModelRecord } from '@mlc-ai/web-llm';
import { z } from 'zod';
import { mayFetch } from './webAddress.ts';
import { conversationSchema } from './webllmTemplate.ts';

/** A record of a model as a person types it: what `@mlc-ai/web-llm` calls a ModelRecord, of a language model. */

const address = z
  .string()
  .refine(mayFetch, 'must be a whole address with https://, or with http:// of localhost or 127.0.0.1');
const size = z
  .int()
  .refine((value) => value === -1 || value > 0, 'must be a whole number above 0, or -1 for none');

/** What may be changed of the model's `mlc-chat-config.json`; temperature and penalties come with each request. */
const overridesSchema = z.strictObject({
  context_window_size: size.optional(),
  sliding_window_size: size.optional(),
  attention_sink_size: z.int().min(0).optional(),
  max_history_size: z.int().min(0).optional(),
  conv_template: conversationSchema
    .extend({
      system_message: z.string(),
      stop_str: z.array(z.string()),
      stop_token_ids: z.array(z.int()),
    })
    .optional(),
});

const recordSchema = z.strictObject({
  model: address,
  model_id: z.string().regex(/\S/, 'must not be empty'),
  model_lib: address.refine(
    (text) => !URL.canParse(text) || new URL(text).pathname.endsWith('.wasm'),
    'must be the address of a .wasm library built for this model',
  ),
  overrides: overridesSchema.optional(),
  vram_required_MB: z.number().positive().optional(),
  low_resource_required: z.boolean().optional(),
  buffer_size_required_bytes: z.number().positive().optional(),
  required_features: z.array(z.string()).optional(),
  model_manifest: z.string().optional(),
  model_type: z
    .literal([0, 2], 'must be a language model (0, or 2 with images); an embedding model writes no text')
    .optional(),
});

/**
 * Reads one model record from JSON text.
 * @param name of the file or field, for messages
 * @throws Error naming the field and what it must be
 */
export function parseModelRecord(text: string, name = 'The model record'): ModelRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(
      `${name} is not JSON: ${error instanceof Error ? error.message : String(error)}. Give one object with "model", "model_id" and "model_lib".`,
      { cause: error },
    );
  }
  return checkModelRecord(value, name);
}

/** Checks a record that is an object already, such as one of web-llm's own list. */
export function checkModelRecord(value: unknown, name = 'The model record'): ModelRecord {
  const parsed = recordSchema.safeParse(value);
  // web-llm's type says the same, but for what may be null in a template.
  if (parsed.success) return value as ModelRecord;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `"${path.join('.')}": ${message}`,
  );
  throw new Error(
    `${name} cannot be used. ${problems.join('; ')}. It needs "model" (folder of the weights), "model_id" (a name) and "model_lib" (the .wasm); "overrides" may set window sizes and conv_template.`,
  );
}

/** Folder of a model's files, ending with a slash: `resolve/main/` below the model's address unless it names a branch. */
export function modelFolder({ model }: Pick<ModelRecord, 'model'>): string {
  const folder = model.endsWith('/') ? model : `${model}/`;
  return new URL(/.+\/resolve\/.+\//.test(folder) ? folder : `${folder}resolve/main/`).href;
}
