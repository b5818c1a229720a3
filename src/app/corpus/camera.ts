/** Where the map is looked at: the point in the middle, and pixels a unit. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Of the map on the page, in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export type Point = readonly [x: number, y: number];

const margin = 36;
const zoomRange = 60;

/** All points in sight. `at` is flat [n, 2]. */
export function fitted(at: Float32Array, size: Size): Camera {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < at.length; i += 2) {
    left = Math.min(left, at[i] ?? 0);
    right = Math.max(right, at[i] ?? 0);
    low = Math.min(low, at[i + 1] ?? 0);
    high = Math.max(high, at[i + 1] ?? 0);
  }
  if (at.length === 0) [left, right, low, high] = [-1, 1, -1, 1];
  const wide = Math.max(right - left, 1e-6);
  const tall = Math.max(high - low, 1e-6);
  const scale = Math.min(
    Math.max(size.width - 2 * margin, 1) / wide,
    Math.max(size.height - 2 * margin, 1) / tall,
  );
  return { x: (left + right) / 2, y: (low + high) / 2, scale };
}

/** The map's second axis points up, the page's down. */
export const toPage = (camera: Camera, size: Size, [x, y]: Point): Point => [
  size.width / 2 + (x - camera.x) * camera.scale,
  size.height / 2 - (y - camera.y) * camera.scale,
];

const toMap = (camera: Camera, size: Size, [px, py]: Point): Point => [
  camera.x + (px - size.width / 2) / camera.scale,
  camera.y - (py - size.height / 2) / camera.scale,
];

export const panned = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x - dx / camera.scale,
  y: camera.y + dy / camera.scale,
});

/** Nearer by `factor`; what lies under `held` stays there. Never further than `home`, nor nearer than 60 times that. */
export function zoomed(camera: Camera, size: Size, held: Point, factor: number, home: Camera): Camera {
  const scale = Math.min(Math.max(camera.scale * factor, home.scale), home.scale * zoomRange);
  const [x, y] = toMap(camera, size, held);
  const next = { ...camera, scale };
  const [nx, ny] = toMap(next, size, held);
  return { ...next, x: next.x + x - nx, y: next.y + y - ny };
}

/** The point nearest to a place on the page, if any is within so many pixels. */
export function pointNear(
  at: Float32Array,
  camera: Camera,
  size: Size,
  [px, py]: Point,
  within: number,
): number | undefined {
  let best: number | undefined;
  let bestDistance = within * within;
  for (let i = 0; 2 * i < at.length; i++) {
    const [x, y] = toPage(camera, size, [at[2 * i] ?? 0, at[2 * i + 1] ?? 0]);
    const distance = (x - px) ** 2 + (y - py) ** 2;
    if (distance <= bestDistance) {
      best = i;
      bestDistance = distance;
    }
  }
  return best;
}

export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Box = Omit<Label, 'text'>;

const clash = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/**
 * Each label where it fits first among the places offered for it, or nowhere; the first labels before the later. They
 * keep clear of each other and of `taken`; x and y are left and top.
 */
export function withoutOverlap<T extends Label>(
  labels: readonly (readonly T[])[],
  taken: readonly Box[] = [],
): readonly T[] {
  const kept: T[] = [];
  for (const places of labels) {
    const free = places.find((label) => ![...taken, ...kept].some((other) => clash(label, other)));
    if (free !== undefined) kept.push(free);
  }
  return kept;
}

export interface KindMiddle {
  readonly kind: string;
  readonly count: number;
  readonly at: Point;
}

/** Where the middle of each kind lies: the median of its points, which outliers do not move. The commonest first. */
export function middles(at: Float32Array, kinds: readonly (string | undefined)[]): readonly KindMiddle[] {
  const places = new Map<string, number[]>();
  kinds.forEach((kind, i) => {
    if (kind === undefined) return;
    const rows = places.get(kind);
    if (rows === undefined) places.set(kind, [i]);
    else rows.push(i);
  });
  return [...places]
    .map(([kind, rows]) => ({
      kind,
      count: rows.length,
      at: [median(rows.map((i) => at[2 * i] ?? 0)), median(rows.map((i) => at[2 * i + 1] ?? 0))] as const,
    }))
    .sort((a, b) => b.count - a.count);
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
