/** The plane on which vectors spread most: their first two principal components. */
export interface PrincipalPlane {
  readonly mean: Float64Array;
  /** Orthonormal. Each points so that its entry of greatest size is positive. */
  readonly axes: readonly [Float64Array, Float64Array];
  /** Share of the whole spread (variance) along each axis, 0 to 1. */
  readonly shares: readonly [number, number];
}

/** Directions followed at once: more of them separate the first two sooner where several spread alike. */
const FOLLOWED = 6;
const ROUNDS = 120;

/**
 * The principal plane of vectors, flat [n, dimension], by orthogonal iteration on their covariance. Always the same for
 * the same vectors. Where nothing spreads in a direction its share is 0.
 * @throws if there is no vector
 */
export function principalPlane(vectors: Float32Array, dimension: number): PrincipalPlane {
  const n = vectors.length / dimension;
  if (!Number.isInteger(n) || n < 1) {
    throw new Error(
      `Map: ${vectors.length} numbers are not a whole number of vectors of dimension ${dimension}.`,
    );
  }
  const mean = meanOf(vectors, dimension);
  const covariance = covarianceOf(vectors, mean);
  const total = trace(covariance, dimension);
  const basis = startingBasis(dimension);
  for (let round = 0; round < ROUNDS; round++) {
    for (const axis of basis) axis.set(times(covariance, axis));
    orthonormalise(basis);
  }
  const spread = basis.map((axis) => (total === 0 ? 0 : dot(axis, times(covariance, axis)) / total));
  const order = spread.map((_, i) => i).sort((a, b) => (spread[b] ?? 0) - (spread[a] ?? 0));
  const axis = (place: number): Float64Array =>
    upright(basis[order[place] ?? -1] ?? new Float64Array(dimension));
  const share = (place: number): number => Math.max(0, spread[order[place] ?? -1] ?? 0);
  return { mean, axes: [axis(0), axis(1)], shares: [share(0), share(1)] };
}

/** Where vectors, flat [n, dimension], lie on a plane: flat [n, 2]. */
export function placesOn(plane: PrincipalPlane, vectors: Float32Array): Float32Array {
  const { mean, axes } = plane;
  const dimension = mean.length;
  const n = vectors.length / dimension;
  const places = new Float32Array(2 * n);
  for (let v = 0; v < n; v++) {
    axes.forEach((axis, a) => {
      let sum = 0;
      for (let i = 0; i < dimension; i++)
        sum += ((vectors[v * dimension + i] ?? 0) - (mean[i] ?? 0)) * (axis[i] ?? 0);
      places[2 * v + a] = sum;
    });
  }
  return places;
}

function meanOf(vectors: Float32Array, dimension: number): Float64Array {
  const mean = new Float64Array(dimension);
  vectors.forEach((value, i) => {
    mean[i % dimension] = (mean[i % dimension] ?? 0) + value;
  });
  const n = vectors.length / dimension;
  return mean.map((sum) => sum / n);
}

/** Flat [dimension, dimension]. */
function covarianceOf(vectors: Float32Array, mean: Float64Array): Float64Array {
  const d = mean.length;
  const covariance = new Float64Array(d * d);
  const row = new Float64Array(d);
  for (let start = 0; start < vectors.length; start += d) {
    for (let i = 0; i < d; i++) row[i] = (vectors[start + i] ?? 0) - (mean[i] ?? 0);
    for (let i = 0; i < d; i++) {
      const a = row[i] ?? 0;
      // The upper half; the lower is its mirror.
      for (let j = i; j < d; j++) covariance[i * d + j] = (covariance[i * d + j] ?? 0) + a * (row[j] ?? 0);
    }
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) covariance[i * d + j] = covariance[j * d + i] ?? 0;
  return covariance;
}

function trace(matrix: Float64Array, d: number): number {
  let sum = 0;
  for (let i = 0; i < d; i++) sum += matrix[i * d + i] ?? 0;
  return sum;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const d = vector.length;
  return Float64Array.from({ length: d }, (_, i) => dot(matrix.subarray(i * d, (i + 1) * d), vector));
}

/** Any independent directions will do, as long as they are the same each time and not orthogonal to the first two. */
function startingBasis(dimension: number): Float64Array[] {
  const count = Math.min(FOLLOWED, dimension);
  const basis = Array.from({ length: count }, (_, k) =>
    Float64Array.from({ length: dimension }, (__, i) => Math.sin(1 + i * (k + 1) * 0.7 + k)),
  );
  orthonormalise(basis);
  return basis;
}

/** Gram–Schmidt, twice for the digits; a direction that is left without length becomes zero. */
function orthonormalise(basis: readonly Float64Array[]): void {
  basis.forEach((axis, k) => {
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of basis.slice(0, k)) {
        const along = dot(axis, earlier);
        for (let i = 0; i < axis.length; i++) axis[i] = (axis[i] ?? 0) - along * (earlier[i] ?? 0);
      }
    }
    const length = Math.sqrt(dot(axis, axis));
    for (let i = 0; i < axis.length; i++) axis[i] = length > 1e-12 ? (axis[i] ?? 0) / length : 0;
  });
}

function upright(axis: Float64Array): Float64Array {
  const greatest = axis.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return greatest < 0 ? axis.map((value) => -value) : axis;
}
