import { cssColour, cssText } from '../theme/cssColour.ts';
import {
  toPage,
  withoutOverlap,
  type Camera,
  type KindMiddle,
  type Label,
  type Point,
  type Size,
} from './camera.ts';

/** A search on the map: where it lies, and which passages it brought, best first. */
export interface MapSearch {
  readonly at: Point;
  /** "1" for the first of several; empty for one alone. */
  readonly name: string;
  readonly found: readonly number[];
}

/** What the map shows. Passages are meant by their places in the corpus. */
export interface MapScene {
  /** Flat [n, 2]. */
  readonly at: Float32Array;
  readonly titles: readonly string[];
  readonly kinds: readonly (string | undefined)[];
  /** Where the kinds' names stand; found once, as they sort all points. */
  readonly middles: readonly KindMiddle[];
  readonly searches: readonly MapSearch[];
  readonly gold: readonly number[];
  readonly chosen?: number | undefined;
  readonly near: readonly number[];
  readonly hovered?: number | undefined;
  readonly kind?: string | undefined;
}

type Ink = Readonly<
  Record<'ink' | 'ink2' | 'ink3' | 'paper' | 'search' | 'result' | 'answer' | 'sans', string>
>;

/** The page's colours as they are now. */
export function readInk(): Ink {
  return {
    ink: cssColour('--ink'),
    ink2: cssColour('--ink-2'),
    ink3: cssColour('--ink-3'),
    paper: cssColour('--paper'),
    search: cssColour('--search'),
    result: cssColour('--result'),
    answer: cssColour('--answer'),
    sans: cssText('--sans'),
  };
}

/** Points drawn as squares from this many on. */
const squaresFrom = 8000;
/** Titles of points nobody asked for are drawn from this zoom on. */
const titlesFrom = 4;
const mostTitles = 120;
/** Width in CSS pixels from which kinds are named beside a question's way. */
const roomyFrom = 520;

/** Draws the scene anew; the context is scaled to CSS pixels. */
export function drawMap(
  context: CanvasRenderingContext2D,
  scene: MapScene,
  camera: Camera,
  home: Camera,
  size: Size,
  ink: Ink,
): void {
  const free = (at: Point): Point => toPage(camera, size, at);
  const place = (i: number): Point => free([scene.at[2 * i] ?? 0, scene.at[2 * i + 1] ?? 0]);
  context.clearRect(0, 0, size.width, size.height);
  drawPoints(context, scene, place, camera.scale / home.scale, ink);
  drawNear(context, scene, place, ink);
  drawSearches(context, scene, place, free, ink);
  const marked = new Set([
    ...(scene.hovered === undefined ? [] : [scene.hovered]),
    ...(scene.chosen === undefined ? [] : [scene.chosen]),
    ...scene.searches.flatMap(({ found }) => found.slice(0, scene.searches.length > 1 ? 1 : 3)),
    ...scene.gold,
    ...scene.near.slice(0, 3),
  ]);
  drawTitles(context, scene, { place, free, zoom: camera.scale / home.scale }, marked, size, ink);
}

function drawPoints(
  context: CanvasRenderingContext2D,
  { at, kinds, kind, searches, near }: MapScene,
  place: (i: number) => Point,
  zoom: number,
  ink: Ink,
): void {
  const n = at.length / 2;
  const radius = n > squaresFrom ? 0.8 : n > 3000 ? 1.4 : n > 800 ? 2 : 2.8;
  const quiet = searches.length > 0 || near.length > 0;
  const dots = (wanted: (i: number) => boolean, colour: string, alpha: number, r: number): void => {
    context.fillStyle = colour;
    context.globalAlpha = alpha;
    if (n > squaresFrom) {
      // So small and so many, a square looks like a dot and is drawn many times as fast. Each lets the others through:
      // where they lie close, it is darker. Apart, further in, they would be too faint.
      context.globalAlpha = Math.min(1, alpha * Math.sqrt(squaresFrom / n) * Math.max(1, zoom));
      for (let i = 0; i < n; i++) {
        if (!wanted(i)) continue;
        const [x, y] = place(i);
        context.fillRect(x - r, y - r, 2 * r, 2 * r);
      }
      return;
    }
    context.beginPath();
    for (let i = 0; i < n; i++) {
      if (!wanted(i)) continue;
      const [x, y] = place(i);
      context.moveTo(x + r, y);
      context.arc(x, y, r, 0, 2 * Math.PI);
    }
    context.fill();
  };
  dots(
    (i) => kind === undefined || kinds[i] !== kind,
    ink.ink3,
    kind !== undefined || quiet ? 0.3 : 0.6,
    radius,
  );
  if (kind !== undefined) dots((i) => kinds[i] === kind, ink.ink, 0.95, radius + 0.6);
  context.globalAlpha = 1;
}

function line(
  context: CanvasRenderingContext2D,
  from: Point,
  to: Point,
  colour: string,
  width: number,
  dash: number[] = [],
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
  context.setLineDash([]);
}

function dot(context: CanvasRenderingContext2D, [x, y]: Point, r: number, fill: string, edge?: string): void {
  context.beginPath();
  context.arc(x, y, r, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  if (edge === undefined) return;
  context.strokeStyle = edge;
  context.lineWidth = 2;
  context.stroke();
}

/** The chosen passage and those nearest to it, by thin lines. */
function drawNear(
  context: CanvasRenderingContext2D,
  { chosen, near }: MapScene,
  place: (i: number) => Point,
  ink: Ink,
): void {
  if (chosen === undefined) return;
  for (const i of near) {
    line(context, place(chosen), place(i), ink.ink3, 1);
    dot(context, place(i), 4, ink.paper, ink.ink2);
  }
  dot(context, place(chosen), 5.5, ink.ink);
}

/** Searches as diamonds; solid lines to what they brought, broken ones from what was read to the next search. */
function drawSearches(
  context: CanvasRenderingContext2D,
  { searches, gold }: MapScene,
  place: (i: number) => Point,
  free: (at: Point) => Point,
  ink: Ink,
): void {
  for (const i of gold) {
    const [x, y] = place(i);
    context.strokeStyle = ink.answer;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 8.5, 0, 2 * Math.PI);
    context.stroke();
  }
  searches.forEach(({ at, found }, hop) => {
    const here = free(at);
    const readBefore = searches[hop - 1]?.found[0];
    if (readBefore !== undefined) line(context, place(readBefore), here, ink.ink2, 1.25, [2, 4]);
    found.forEach((i, rank) => line(context, here, place(i), ink.search, rank === 0 ? 2 : 1));
  });
  for (const { found } of searches) {
    found.forEach((i, rank) =>
      dot(context, place(i), rank === 0 ? 5 : 4, rank === 0 ? ink.result : ink.paper, ink.result),
    );
  }
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { at, name } of searches) {
    const [x, y] = free(at);
    const r = name === '' ? 6 : 10;
    context.fillStyle = ink.search;
    context.beginPath();
    context.moveTo(x, y - r);
    context.lineTo(x + r, y);
    context.lineTo(x, y + r);
    context.lineTo(x - r, y);
    context.fill();
    context.fillStyle = ink.paper;
    context.font = `600 11px ${ink.sans}`;
    context.fillText(name, x, y + 0.5);
  }
}

interface Placing {
  /** Of a passage, and of any point of the map, on the page. */
  readonly place: (i: number) => Point;
  readonly free: (at: Point) => Point;
  readonly zoom: number;
}

interface DrawnLabel extends Label {
  readonly font: string;
  readonly loud: boolean;
}

function drawTitles(
  context: CanvasRenderingContext2D,
  scene: MapScene,
  { place, free, zoom }: Placing,
  marked: ReadonlySet<number>,
  size: Size,
  ink: Ink,
): void {
  const label = (text: string, font: string, loud: boolean) => {
    context.font = font;
    return { text, font, loud, width: context.measureText(text).width, height: 16 };
  };
  /** Right of its point, else left, below or above: within the map. */
  const title = (i: number, loud: boolean): readonly DrawnLabel[] => {
    const words = label(shortened(scene.titles[i] ?? ''), `${loud ? 550 : 400} 12px ${ink.sans}`, loud);
    const [x, y] = place(i);
    const middle = Math.min(Math.max(x - words.width / 2, 2), size.width - words.width - 2);
    const places: Point[] = [
      [x + 11, y - 8],
      [x - 11 - words.width, y - 8],
      [middle, y + 10],
      [middle, y - 26],
    ];
    return places
      .filter(([left]) => left >= 0 && left + words.width <= size.width)
      .map(([left, top]) => ({ ...words, x: left, y: top }));
  };
  const labels = [...marked].map((i) => title(i, true));
  // On a small map a question's way needs the room.
  if (zoom < 2.5 && (size.width >= roomyFrom || scene.searches.length === 0)) {
    for (const { kind, at } of scene.middles) {
      const words = label(kind, `600 13px ${ink.sans}`, false);
      const [x, y] = free(at);
      labels.push([{ ...words, x: x - words.width / 2, y: y - 8 }]);
    }
  }
  if (zoom >= titlesFrom) {
    for (let i = 0, seen = 0; 2 * i < scene.at.length && seen < mostTitles; i++) {
      const [x, y] = place(i);
      if (x < 0 || y < 0 || x > size.width || y > size.height || marked.has(i)) continue;
      labels.push(title(i, false));
      seen++;
    }
  }
  const marks = [
    ...scene.searches.map(({ at }) => free(at)),
    ...scene.searches.flatMap(({ found }) => found.map(place)),
  ].map(([x, y]) => ({ x: x - 9, y: y - 9, width: 18, height: 18 }));
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.strokeStyle = ink.paper;
  context.lineWidth = 4;
  for (const { text, font, loud, x, y, height } of withoutOverlap(labels, marks)) {
    context.font = font;
    context.strokeText(text, x, y + height / 2);
    context.fillStyle = loud ? ink.ink : ink.ink2;
    context.fillText(text, x, y + height / 2);
  }
}

const longestTitle = 34;
const shortened = (text: string): string =>
  text.length > longestTitle ? `${text.slice(0, longestTitle - 1)}…` : text;
