import { z } from 'zod';
import { loraTargets } from '../engine/lora.ts';
import { variantNames } from '../grpo/variants/variants.ts';
import { promptStyles } from '../text/chatTemplate.ts';

/**
 * A recipe is one whole experiment as data: it fits in the URL, in a file and on the command line, and the same
 * recipe gives the same run in page and terminal. Fields absent from a given recipe take the preset's values.
 */

const fraction = z.number().min(0).max(1);
const count = z.number().int().positive();

export const recipeSchema = z.strictObject({
  /** Bumped when a field changes meaning. */
  version: z.literal(1),
  /**
   * The policy that GRPO starts from: a folder or a .gguf file under public/models/, or `kept:NAME` for a model that
   * this browser keeps.
   */
  model: z.string().min(1),
  /** Draws of rollouts and order of questions. */
  seed: z.number().int().min(0).max(0x7fffffff),
  /** Seed of the evaluation world; training worlds are derived from it and never equal to it. */
  worldSeed: z.number().int().min(0).max(0x3fffffff),
  world: z.strictObject({
    passages: z.number().int().min(50).max(20000),
    /** Share of names borne by more than one entity. */
    namesakes: fraction,
    /** Share of pages that state nothing a question asks for, about things named after others. */
    distractors: fraction.max(0.8, 'leaves too few pages to ask about. Use at most 0.8'),
    /** Share of training worlds that are mostly of countries and what belongs to them. */
    places: fraction,
    /** Shares of 2-, 3- and 4-hop questions (MuSiQue's train mix is about 0.72, 0.22, 0.06). */
    hops: z.strictObject({ two: fraction, three: fraction, four: fraction }),
    /** Updates before a new training world is drawn. */
    updatesPerWorld: count,
  }),
  rollout: z.strictObject({
    temperature: z
      .number()
      .gt(0, 'is greedy at 0: all rollouts of a group would be alike, and nothing learned. Use 1')
      .max(5),
    topK: z.number().int().min(0),
    topP: z.number().gt(0).max(1),
    /** Passages returned to a search. */
    passages: z.number().int().min(1).max(20),
    /** Most response tokens, results included. */
    maxTokens: z.number().int().min(16).max(8192),
    /** Most searches in a rollout; 0: no limit, as in the paper. */
    maxSearches: z.number().int().min(0),
    /** What answers a search, in training and evaluation: the index, random passages, or nothing. */
    retriever: z.enum(['healthy', 'random', 'empty']),
    /** How a chat model is asked (src/text/chatTemplate.ts); the small policies have their own way. */
    prompt: z.enum(promptStyles),
  }),
  reward: z.strictObject({
    /** A right answer earns its F1, as in the paper, or 1 where it is exactly right. */
    answer: z.enum(['f1', 'em']),
    /** What good form earns by itself. */
    floor: fraction,
    /** Broken form forfeits the answer (the paper's code), or form and answer are paid each for itself. */
    format: z.enum(['gate', 'share']),
    /** Last share of `rollout.maxTokens` in which length costs, down to −1 (DAPO); 0: nowhere. */
    overlong: fraction,
  }),
  grpo: z.strictObject({
    /** How rewards become a loss (src/grpo/variants). */
    variant: z.enum(variantNames),
    /** Optimiser batches. */
    steps: z.number().int().min(0).max(100000),
    questions: count,
    /** Rollouts a question (G). */
    groupSize: z.number().int().min(2).max(64),
    learningRate: z.number().min(0).max(1),
    /** Linear warm-up, in updates. */
    warmupSteps: z.number().int().min(0),
    weightDecay: z.number().min(0).max(1),
    maxGradNorm: z.number().positive(),
    clipLow: z.number().min(0).max(1),
    clipHigh: z.number().min(0).max(10),
    /** Weight of the k3 KL against the reference policy; 0: not computed. */
    klWeight: z.number().min(0),
    entropyWeight: z.number().min(0),
    /** Weight of LLDS's resistance to losing what went well; 0: none. */
    lldsWeight: z.number().min(0),
    /** Times that groups of equal rewards are replaced by those of other questions (DAPO's dynamic sampling). */
    redraws: z.number().int().min(0).max(10),
    /** Divide the advantage by the group's standard deviation, as in the paper's code. */
    divideByStd: z.boolean(),
    /** Optimiser steps one batch is cut into, and passes over it. */
    minibatches: count,
    epochs: count,
    /** Leave `<result>` tokens out of the loss, as the paper does. */
    maskResults: z.boolean(),
  }),
  training: z.strictObject({
    /** What learns: all weights, or a LoRA adapter beside frozen ones. `auto`: the adapter, for chat models. */
    method: z.enum(['auto', 'full', 'lora']),
    /** Of the adapter: rank of its factors, and its part's weight times the rank. */
    rank: z.number().int().min(1).max(256),
    alpha: z.number().positive(),
    /** Projections of the layers that get factors, with commas between. */
    targets: z
      .string()
      .refine(
        (names) => names.split(',').every((name) => loraTargets.some((known) => known === name)),
        `names a projection that there is not. Choose among ${loraTargets.join(',')}`,
      ),
    /** How the weights beside an adapter are kept; `auto`: in as many bits as the file has. */
    frozen: z.enum(['auto', 'f32', 'f16', 'int8', 'int4']),
    /** Keep each layer's input alone and run the layer again for its gradient: less memory, a third more work. */
    checkpointing: z.boolean(),
  }),
  evaluation: z.strictObject({
    /** Questions asked before and after. */
    questions: z.number().int().min(0),
    /** Updates between quick evaluations; 0: only before and after. */
    every: z.number().int().min(0),
  }),
  backend: z.strictObject({
    /** Most tokens of a packed training batch. */
    tokensPerBatch: z.number().int().min(64),
  }),
});

export type Recipe = z.infer<typeof recipeSchema>;
