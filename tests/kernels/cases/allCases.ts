import { attentionCases } from './attention.ts';
import { cacheCases } from './cache.ts';
import { elementwiseCases } from './elementwise.ts';
import { embeddingCases } from './embedding.ts';
import { errorCases } from './errors.ts';
import { headCases } from './head.ts';
import { independenceCases } from './independence.ts';
import type { KernelCase } from './kit.ts';
import { linearCases } from './linear.ts';
import { memoryCases } from './memory.ts';
import { optimiserCases } from './optimiser.ts';
import { prefixTreeCases } from './prefixTree.ts';
import { quantisedCases } from './quantised.ts';
import { rmsnormCases } from './rmsnorm.ts';
import { ropeCases } from './rope.ts';
import { rowsCases } from './rows.ts';
import { samplingCases } from './sampling.ts';

/** Every check a backend must pass; names are unique. */
export const allCases: readonly KernelCase[] = [
  ...memoryCases,
  ...elementwiseCases,
  ...embeddingCases,
  ...rowsCases,
  ...linearCases,
  ...quantisedCases,
  ...rmsnormCases,
  ...ropeCases,
  ...attentionCases,
  ...prefixTreeCases,
  ...cacheCases,
  ...headCases,
  ...samplingCases,
  ...optimiserCases,
  ...errorCases,
  ...independenceCases,
];
