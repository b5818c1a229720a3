import { cispo } from './cispo.ts';
import { dapo } from './dapo.ts';
import { drGrpo } from './drGrpo.ts';
import { grpo } from './grpo.ts';
import { gspo } from './gspo.ts';
import { llds } from './llds.ts';
import { loop } from './loop.ts';
import { reinforcePp } from './reinforcePp.ts';
import { reinforcePpBaseline } from './reinforcePpBaseline.ts';
import { rloo } from './rloo.ts';
import type { Variant } from './variant.ts';

/** The variants by the names that recipes use (`grpo.variant`). */
export const variants = {
  grpo,
  'dr-grpo': drGrpo,
  dapo,
  gspo,
  cispo,
  rloo,
  'reinforce-pp': reinforcePp,
  'reinforce-pp-baseline': reinforcePpBaseline,
  loop,
  llds,
} as const satisfies Record<string, Variant>;

export type VariantName = keyof typeof variants;

export function isVariantName(name: unknown): name is VariantName {
  return typeof name === 'string' && Object.hasOwn(variants, name);
}

export const variantNames = Object.keys(variants).filter(isVariantName);

export const variantOf = (name: VariantName): Variant => variants[name];
