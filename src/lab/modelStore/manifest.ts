/** What the store writes of a model: its files by their hashes, and where it came from. */
import { z } from 'zod';
import { precisions } from '../../retrieval/embedderNetworks.ts';

const count = z.number().int().nonnegative();

const fileSchema = z.object({
  /** As in the folder it came from. */
  name: z.string().min(1),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const sourceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('hub'),
    hub: z.string(),
    repository: z.string(),
    commit: z.string(),
    /** The one file that was wanted. */
    gguf: z.string().optional(),
    /** Of an embedding model. */
    precision: z.enum(precisions).optional(),
  }),
  z.object({ kind: z.literal('files') }),
]);

const weightsSchema = z.object({ f32: count, f16: count, int8: count, int4: count });

const cardSchema = z.object({
  architecture: z.string(),
  layers: count,
  vocabulary: count,
  positions: count,
  parameters: count,
  weights: weightsSchema,
  training: z.object({ plain: count, twice: count }).optional(),
});

const anyKept = {
  version: z.literal(1),
  name: z.string().min(1),
  files: z.array(fileSchema).min(1),
  source: sourceSchema,
  /** Milliseconds since 1970. */
  kept: z.number(),
};

const policySchema = z.object({ ...anyKept, kind: z.enum(['folder', 'gguf']), card: cardSchema });

const embedderSchema = z.object({
  ...anyKept,
  kind: z.literal('embedder'),
  card: z.object({
    /** By which its indexes are known. */
    id: z.string().min(1),
    dimension: count,
    /** Longer texts are cut here. */
    maxTokens: count,
    pooling: z.string(),
    queryPrefix: z.string(),
    passagePrefix: z.string(),
    /** Every assumption made for want of a file that says it. */
    notices: z.array(z.string()),
    /** Bytes while it is run, estimated. */
    memory: count,
  }),
});

const keptSchema = z.discriminatedUnion('kind', [policySchema, embedderSchema]);

/** A download that has begun and is not whole; from it it goes on. */
const begunSchema = z.object({
  version: z.literal(1),
  name: z.string().min(1),
  source: sourceSchema.options[0],
  bytes: count,
  /** Files that are there whole. */
  files: z.array(fileSchema),
  /** Names of the others, as they lie among the partial ones. */
  partial: z.array(z.string()),
});

export type KeptFile = z.infer<typeof fileSchema>;
export type ModelOrigin = z.infer<typeof sourceSchema>;
export type HubOrigin = z.infer<(typeof sourceSchema.options)[0]>;
/** A policy that is whole. */
export type KeptModel = z.infer<typeof policySchema>;
/** An embedding model that is whole. */
export type KeptEmbedder = z.infer<typeof embedderSchema>;
export type AnyKept = KeptModel | KeptEmbedder;
export type BegunModel = z.infer<typeof begunSchema>;

function parse<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Undefined where it is none. */
export const parseKept = (text: string): AnyKept | undefined => parse(keptSchema, text);
export const parseBegun = (text: string): BegunModel | undefined => parse(begunSchema, text);
