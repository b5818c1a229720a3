// Every kernel the module exports. A kernel takes a range of its work items and its thread's scratch memory.

export { add, axpy, swiglu, swigluBackward } from './elementwise';
export { attention, attentionBackward } from './attention';
export { attentionCached, cacheWrite } from './cache';
export { copyBytes, gatherRows, scatterAdd, segmentMean, segmentMeanBackward } from './rows';
export { head, headGradient } from './head';
export { matmul, packPanels, weightGradient } from './matmul';
export { gatherQuantised } from './quantised';
export { rmsnorm, rmsnormBackward } from './norm';
export { rope } from './rope';
export { sample } from './sample';
export { adamw, sumSquares } from './optimizer';
export { columnSums } from './reduce';
