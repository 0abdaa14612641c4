// Where no lines are: the names of days that stand in one row or column, and the times across from them.
import type { Chunk } from "./chunks.ts";
import { dayOf, daysInOrder } from "./days.ts";
import { middle, union } from "./draft.ts";
import { findTimes } from "./times.ts";
import type { Box, Day } from "./types.ts";

export type Axis = "x" | "y";
const start = (b: Box, a: Axis) => a === "x" ? b.x : b.y;

const inLine = (a: Chunk, b: Chunk, axis: Axis) =>
  axis === "x"
    ? Math.abs(middle(a.box).y - middle(b.box).y) < 1.2 * b.box.height
    : Math.abs(middle(a.box).x - middle(b.box).x) < 60 || Math.abs(a.box.x - b.box.x) < 25;

/** At least three days, one after the other along an axis. */
export function dayLine(all: Chunk[], axis: Axis): Chunk[] {
  const days = all.flatMap((chunk) => {
    const words = chunk.words.filter((w) => /\p{L}/u.test(w.text));
    const day = words.length >= 1 && words.length <= 2 ? dayOf(words[0]!.text) : null;
    return day ? [{ chunk, day }] : [];
  });
  let best: Chunk[] = [];
  for (const { chunk } of days) {
    const line = days.filter((o) => inLine(o.chunk, chunk, axis));
    const first = new Map<Day, Chunk>();
    for (const o of line) if (!first.has(o.day)) first.set(o.day, o.chunk);
    if (first.size > best.length) best = [...first.values()];
  }
  if (best.length < 3) best = letterLine(all, axis);
  return best.length >= 3 ? best.sort((a, b) => start(a.box, axis) - start(b.box, axis)) : [];
}

/** M T W T F, alone in a row or column. */
function letterLine(all: Chunk[], axis: Axis): Chunk[] {
  const single = all.filter((c) => /^\p{L}{1,2}\.?$/u.test(c.text));
  let best: Chunk[] = [];
  for (const chunk of single) {
    const line = single.filter((o) => inLine(o, chunk, axis))
      .sort((a, b) => start(a.box, axis) - start(b.box, axis));
    const days = daysInOrder(line.map((c) => c.text));
    const found = line.filter((_, i) => days[i] !== null);
    if (found.length >= 4 && found.length > best.length) best = found;
  }
  return best;
}

const label = /period|lesson|session|block|slot/gi;

/** Times beside or above the days: pieces that belong to one heading are put together. */
export function timeLine(all: Chunk[], days: Chunk[], axis: Axis): Chunk[] {
  const edge = axis === "y"
    ? Math.min(...days.map((d) => d.box.x))
    : Math.min(...days.map((d) => d.box.y));
  const last = axis === "y"
    ? Math.max(...days.map((d) => d.box.y))
    : Math.max(...days.map((d) => d.box.x));
  const inside = all.filter((c) => {
    if (days.includes(c)) return false;
    if (/^[-–—]$/.test(c.text)) return axis === "y" && c.box.x < edge;
    if (!/\d/.test(c.text) || /\p{L}{4}/u.test(c.text.replace(label, ""))) return false;
    const m = middle(c.box);
    return axis === "y" ? m.x < edge && c.box.y > last : m.y < edge && c.box.x > last;
  }).sort((a, b) => axis === "y" ? a.box.y - b.box.y : a.box.y - b.box.y || a.box.x - b.box.x);
  const groups: Chunk[] = [];
  for (const c of inside) {
    const mate = axis === "x"
      ? groups.find((g) => above(g, c))
      : groups.findLast((g) => continues(g, c));
    if (mate) {
      mate.text += ` ${c.text}`;
      mate.words = [...mate.words, ...c.words];
      mate.box = union([mate.box, c.box]);
    } else groups.push({ ...c });
  }
  const timed = groups.filter((g) => findTimes(g.text).length > 0);
  return timed.length >= 3 ? timed.sort((a, b) => start(a.box, axis) - start(b.box, axis)) : [];
}

const above = (g: Chunk, c: Chunk) =>
  Math.min(g.box.x + g.box.width, c.box.x + c.box.width) - Math.max(g.box.x, c.box.x) >
    0.4 * Math.min(g.box.width, c.box.width);

/** "9:00 –" goes on below; so does "9:00" where the next line is close and the range not yet whole. */
function continues(g: Chunk, c: Chunk): boolean {
  const gap = c.box.y - (g.box.y + g.box.height), isBeside = gap < -0.5 * c.box.height;
  if (isBeside) return c.box.x > g.box.x && c.box.x - (g.box.x + g.box.width) < 4 * c.box.height;
  if (gap >= 1.1 * c.box.height || findTimes(g.text).some((t) => t.end !== null)) return false;
  return /[-–—]\s*$/.test(g.text) || /^[-–—]/.test(c.text) || gap < 0.5 * c.box.height;
}
