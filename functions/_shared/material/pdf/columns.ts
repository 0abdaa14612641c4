// The reading order of a page. Columns are found by the white gutter between them; lines that cross the
// gutter (titles, wide tables) part the page into bands that are read one after the other.

import { largest, smallest } from "../extremes.ts";
import type { Segment } from "./segments.ts";

/** In points. */
const STEP = 2;
const LEAST_GUTTER = 8;
/** A side of a gutter is a column when it has as many lines, and as many letters in them. */
const LEAST_LINES = 3;
const LEAST_LETTERS = 14;
/** Share of the lines that may cross a gutter. */
const MOST_CROSSING = 0.35;
const MOST_COLUMNS = 3;

interface Gutter {
  from: number;
  to: number;
}

/** White stretches, the one crossed by the fewest lines first, then the widest. */
function guttersOf(segments: Segment[]): Gutter[] {
  const left = smallest(segments.map((s) => s.left));
  const right = largest(segments.map((s) => s.right));
  const steps = Math.min(5000, Math.ceil((right - left) / STEP));
  if (!(steps > 10)) return [];
  const cover = new Array<number>(steps).fill(0);
  for (const segment of segments) {
    const last = Math.min(steps - 1, Math.floor((segment.right - left) / STEP));
    for (let i = Math.max(0, Math.floor((segment.left - left) / STEP)); i <= last; i += 1) {
      cover[i] = (cover[i] ?? 0) + 1;
    }
  }
  const found: (Gutter & { cover: number })[] = [];
  const [first, last] = [Math.floor(steps * 0.15), Math.ceil(steps * 0.85)];
  const most = segments.length * MOST_CROSSING;
  for (let i = first; i < last; i += 1) {
    const level = cover[i] ?? 0;
    if (level > most || (cover[i - 1] ?? 0) === level) continue;
    let end = i;
    while (end < last && (cover[end] ?? 0) <= level) end += 1;
    const gutter = { from: left + i * STEP, to: left + end * STEP, cover: level };
    if (gutter.to - gutter.from >= LEAST_GUTTER) found.push(gutter);
  }
  return found.sort((a, b) => a.cover - b.cover || (b.to - b.from) - (a.to - a.from)).slice(0, 5);
}

const isProse = (side: Segment[]): boolean => {
  if (side.length < LEAST_LINES) return false;
  const letters = side.reduce((sum, { text }) => sum + text.length, 0);
  return letters / side.length >= LEAST_LETTERS;
};

interface Band {
  crossing: Segment[];
  left: Segment[];
  right: Segment[];
}

function bandsOf(segments: Segment[], { from, to }: Gutter): Band[] {
  const middle = (from + to) / 2;
  const bands: Band[] = [];
  for (const segment of segments) {
    const crosses = segment.left < middle - 1 && segment.right > middle + 1;
    let band = bands.at(-1);
    if (!band || (crosses && band.left.length + band.right.length > 0)) {
      band = { crossing: [], left: [], right: [] };
      bands.push(band);
    }
    if (crosses) band.crossing.push(segment);
    else if (segment.right <= middle + 1) band.left.push(segment);
    else band.right.push(segment);
  }
  return bands;
}

/** Stretches of text in the order in which they are read. */
export function readingOrder(segments: Segment[], columns = MOST_COLUMNS): Segment[][] {
  const sorted = [...segments].sort((a, b) => a.y - b.y || a.left - b.left);
  if (columns <= 1 || sorted.length < LEAST_LINES * 2) return sorted.length > 0 ? [sorted] : [];
  for (const gutter of guttersOf(sorted)) {
    const bands = bandsOf(sorted, gutter);
    const sides = bands.filter(({ left, right }) => isProse(left) && isProse(right));
    const inside = sides.reduce((sum, { left, right }) => sum + left.length + right.length, 0);
    if (inside < sorted.length * 0.4) continue;
    return bands.flatMap(({ crossing, left, right }) => {
      const both = [...left, ...right].sort((a, b) => a.y - b.y || a.left - b.left);
      const below = isProse(left) && isProse(right)
        ? [...readingOrder(left, columns - 1), ...readingOrder(right, columns - 1)]
        : both.length > 0
        ? [both]
        : [];
      return crossing.length > 0 ? [crossing, ...below] : below;
    });
  }
  return [sorted];
}
