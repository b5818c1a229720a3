/**
 * One draw a row from logits[N,V]; one workgroup a row.
 *
 *   z = logits · inverseTemperature (1 when greedy);  logprob and entropy of the whole softmax(z)
 *   greedy     id = argmax z, lowest id of a tie
 *   otherwise  kept = the topK most likely (0: all) and, of those, the fewest whose mass in softmax(z) reaches
 *              topP; lowest ids first among equals. id = first kept v whose cumulative kept mass, in order of v,
 *              exceeds u · (kept mass), u from `counterUniform` of engine/random.ts
 *
 * The threshold of `kept` is found by bisection over the bits of a float, mapped to integers in the order of the
 * floats: exact in 32 rounds, without a sort.
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';

const THREADS = 256;

/** Reduces `scratch` over the workgroup into every invocation's `name`; barriers on both sides. */
const reduce = (name: string, value: string, combine: (a: string, b: string) => string): string => `
  workgroupBarrier();
  scratch[local] = ${value};
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { scratch[local] = ${combine('scratch[local]', 'scratch[local + half]')}; }
  }
  let ${name} = workgroupUniformLoad(&scratch[0]);`;

const sum = (a: string, b: string): string => `${a} + ${b}`;
/** (value, id): the larger value, the lower id of a tie. */
const better = (a: string, b: string): string =>
  `select(${a}, ${b}, ${b}.x > ${a}.x || (${b}.x == ${a}.x && ${b}.y < ${a}.y))`;

export const sampleKernel: Kernel = {
  name: 'sample',
  bindings: [
    input('logits'),
    input('keys', 'i32'),
    output('ids', 'i32'),
    output('logprob'),
    output('entropy'),
  ],
  params: [
    ['N', 'u32'],
    ['V', 'u32'],
    ['inverseTemperature', 'f32'],
    ['greedy', 'u32'],
    ['topK', 'u32'],
    ['topP', 'f32'],
  ],
  body: `
var<workgroup> scratch: array<vec2f, ${THREADS}>;
var<workgroup> blocks: array<vec2f, ${THREADS}>;

fn mix32(x: u32) -> u32 {
  var h = x;
  h = (h ^ (h >> 16u)) * 0x7feb352du;
  h = (h ^ (h >> 15u)) * 0x846ca68bu;
  return h ^ (h >> 16u);
}

fn uniform01(seed: u32, rollout: u32, position: u32) -> f32 {
  var h = mix32(seed ^ 0x9e3779b9u);
  h = mix32(h + rollout * 0x85ebca6bu);
  h = mix32(h + position * 0xc2b2ae35u);
  return f32(h >> 8u) / 16777216.0;
}

// Integers in the order of the floats.
fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = linearGroup(group, groups);
  if (row >= P.N) { return; }
  let base = row * P.V;
  let scale = P.inverseTemperature;

  // Ids below 2^24 are exact as floats.
  var own = vec2f(-3.4e38, 16777215.0);
  for (var v = local; v < P.V; v += ${THREADS}u) {
    let z = logits[base + v] * scale;
    if (z > own.x) { own = vec2f(z, f32(v)); }
  }
  ${reduce('best', 'own', better)}
  let peak = best.x;
  var moment = vec2f();
  for (var v = local; v < P.V; v += ${THREADS}u) {
    let d = logits[base + v] * scale - peak;
    moment += vec2f(exp(d), d * exp(d));
  }
  ${reduce('whole', 'moment', sum)}
  let logMass = log(whole.x);
  if (local == 0u) { entropy[row] = logMass - whole.y / whole.x; }
  if (P.greedy == 1u) {
    if (local == 0u) {
      ids[row] = i32(best.y);
      logprob[row] = -logMass;
    }
    return;
  }

  // Largest threshold at which enough tokens, or enough mass, lie on or above it.
  let enough = f32(select(P.topK, P.V, P.topK == 0u || P.topK > P.V));
  let goal = select(3.0e38, P.topP * whole.x, P.topP < 1.0);
  var threshold = 0u;
  var quota = P.V;
  if (enough < f32(P.V) || P.topP < 1.0) {
    var above = ordered(peak) + 1u;
    var beyond = vec2f();
    while (above - threshold > 1u) {
      let middle = threshold + (above - threshold) / 2u;
      var kept = vec2f();
      for (var v = local; v < P.V; v += ${THREADS}u) {
        let z = logits[base + v] * scale;
        if (ordered(z) >= middle) { kept += vec2f(1.0, exp(z - peak)); }
      }
      ${reduce('reached', 'kept', sum)}
      if (reached.x >= enough || reached.y >= goal) {
        threshold = middle;
      } else {
        above = middle;
        beyond = reached;
      }
    }
    // Equals at the threshold that are still needed, by number and by mass.
    let z = bitcast<f32>(select(~threshold, threshold & 0x7fffffffu, (threshold >> 31u) == 1u));
    let byMass = select(f32(P.V), ceil((goal - beyond.y) / max(exp(z - peak), 1.0e-30)), P.topP < 1.0);
    quota = u32(clamp(min(enough - beyond.x, byMass), 1.0, f32(P.V)));
  }

  // Kept mass and equals of a contiguous block of the vocabulary each.
  let width = (P.V + ${THREADS - 1}u) / ${THREADS}u;
  let begin = min(local * width, P.V);
  let end = min(begin + width, P.V);
  var ties = 0u;
  for (var v = begin; v < end; v++) {
    if (ordered(logits[base + v] * scale) == threshold) { ties += 1u; }
  }
  blocks[local] = vec2f(0.0, f32(ties));
  workgroupBarrier();
  var before = 0u;
  for (var i = 0u; i < local; i++) { before += u32(blocks[i].y); }
  var mass = 0.0;
  var seen = before;
  for (var v = begin; v < end; v++) {
    let z = logits[base + v] * scale;
    let place = ordered(z);
    if (place == threshold) { seen += 1u; }
    if (place > threshold || (place == threshold && seen <= quota)) { mass += exp(z - peak); }
  }
  workgroupBarrier();
  blocks[local] = vec2f(mass, f32(before));
  workgroupBarrier();
  if (local == 0u) {
    let u = uniform01(
      bitcast<u32>(keys[3u * row]),
      bitcast<u32>(keys[3u * row + 1u]),
      bitcast<u32>(keys[3u * row + 2u]),
    );
    var total = 0.0;
    for (var i = 0u; i < ${THREADS}u; i++) { total += blocks[i].x; }
    let goalMass = u * total;
    // The last block with any mass takes what rounding leaves over.
    var block = 0u;
    var cumulative = 0.0;
    var reached = 0.0;
    for (var i = 0u; i < ${THREADS}u; i++) {
      if (blocks[i].x > 0.0) {
        block = i;
        cumulative = reached;
        reached += blocks[i].x;
        if (reached > goalMass) { break; }
      }
    }
    var number = u32(blocks[block].y);
    var chosen = 0u;
    for (var v = block * width; v < min((block + 1u) * width, P.V); v++) {
      let z = logits[base + v] * scale;
      let place = ordered(z);
      if (place == threshold) { number += 1u; }
      let p = exp(z - peak);
      if (p > 0.0 && (place > threshold || (place == threshold && number <= quota))) {
        chosen = v;
        cumulative += p;
        if (cumulative > goalMass) { break; }
      }
    }
    ids[row] = i32(chosen);
    logprob[row] = logits[base + chosen] * scale - peak - logMass;
  }
}`,
};
