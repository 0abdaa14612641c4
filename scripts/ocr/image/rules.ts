// Ruling lines: long straight runs of ink, thin across; and long straight steps of colour where cells have no border.
import type { Raster } from "./raster.ts";

export interface Segment {
  /** y of a horizontal line, x of a vertical one. */
  at: number;
  from: number;
  to: number;
  thickness: number;
  /** An edge between colours, not a drawn line. */
  isStep?: boolean;
}

export interface Rules {
  horizontal: Segment[];
  vertical: Segment[];
}

/** Runs along one axis, small breaks closed; `get(a, b)` reads position a along the line, b across. */
function runs(
  length: number,
  across: number,
  get: (a: number, b: number) => number,
  least: number,
  gap: number,
) {
  const found: { b: number; from: number; to: number }[] = [];
  for (let b = 0; b < across; b++) {
    let from = -1, last = -1, filled = 0;
    const close = () => {
      if (from >= 0 && last - from + 1 >= least && filled >= 0.75 * (last - from + 1)) {
        found.push({ b, from, to: last });
      }
      from = -1;
      filled = 0;
    };
    for (let a = 0; a < length; a++) {
      if (!get(a, b)) continue;
      if (from >= 0 && a - last > gap) close();
      if (from < 0) from = a;
      last = a;
      filled++;
    }
    close();
  }
  return found;
}

/** Joins runs on neighbouring rows into segments with a thickness; drops what is too thick to be a line. */
function toSegments(
  found: { b: number; from: number; to: number }[],
  thickest: number,
  slack: number,
): Segment[] {
  const open: {
    from: number;
    to: number;
    first: number;
    last: number;
    weight: number;
    sum: number;
  }[] = [];
  const done: typeof open = [];
  for (const run of found) {
    for (let i = open.length - 1; i >= 0; i--) {
      if (open[i]!.last < run.b - slack) done.push(...open.splice(i, 1));
    }
    const mate = open.find((s) =>
      Math.min(s.to, run.to) - Math.max(s.from, run.from) >
        0.3 * Math.min(s.to - s.from, run.to - run.from)
    );
    const weight = run.to - run.from + 1;
    if (mate) {
      mate.from = Math.min(mate.from, run.from);
      mate.to = Math.max(mate.to, run.to);
      mate.last = run.b;
      mate.weight += weight;
      mate.sum += weight * run.b;
    } else {open.push({
        from: run.from,
        to: run.to,
        first: run.b,
        last: run.b,
        weight,
        sum: weight * run.b,
      });}
  }
  done.push(...open);
  return done
    .map((s) => ({
      at: s.sum / s.weight,
      from: s.from,
      to: s.to,
      thickness: s.weight / (s.to - s.from + 1),
    }))
    .filter((s) => s.thickness <= thickest);
}

/** Collinear pieces with a small break between them are one line. */
export function join(segments: Segment[], sideways: number, gap: number): Segment[] {
  const sorted = [...segments].sort((a, b) => a.from - b.from);
  const out: Segment[] = [];
  for (const s of sorted) {
    const mate = out.find((o) =>
      Math.abs(o.at - s.at) <= sideways && s.from - o.to <= gap && s.from >= o.from
    );
    if (!mate) {
      out.push({ ...s });
      continue;
    }
    const a = mate.to - mate.from + 1, b = s.to - s.from + 1;
    mate.at = (mate.at * a + s.at * b) / (a + b);
    mate.to = Math.max(mate.to, s.to);
    mate.thickness = Math.max(mate.thickness, s.thickness);
  }
  return out;
}

/** A ruling line has ground on both sides; strokes of letters have more letter above or below. */
function standsAlone(s: Segment, isInk: (along: number, across: number) => boolean): boolean {
  const off = Math.ceil(s.thickness / 2) + 3, at = Math.round(s.at);
  let clear = 0, all = 0;
  for (let along = s.from; along <= s.to; along += 2, all++) {
    if (!isInk(along, at - off) && !isInk(along, at + off)) clear++;
  }
  return clear >= 0.55 * all;
}

/** On each side of a border the colour stays for long stretches; along a line of text it changes with every letter. */
function isSteady(s: Segment, grayAt: (along: number, across: number) => number): boolean {
  const at = Math.round(s.at);
  let jumps = 0, all = 0;
  for (let along = s.from; along + 6 <= s.to; along += 3, all++) {
    for (const off of [-6, 6]) {
      if (Math.abs(grayAt(along, at + off) - grayAt(along + 6, at + off)) > 34) {
        jumps++;
        break;
      }
    }
  }
  return jumps <= 0.22 * all;
}

export function findRules(raster: Raster, mask: Uint8Array, least: number): Rules {
  const { width, height } = raster;
  const thickest = Math.max(8, Math.round(Math.max(width, height) / 220));
  const h = toSegments(runs(width, height, (x, y) => mask[y * width + x]!, least, 3), thickest, 2);
  const v = toSegments(runs(height, width, (y, x) => mask[y * width + x]!, least, 3), thickest, 2);
  const at = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === 1;
  return {
    horizontal: join(h.filter((s) => standsAlone(s, at)), 4, 12),
    vertical: join(v.filter((s) => standsAlone(s, (a, b) => at(b, a))), 4, 12),
  };
}

/** Steps of colour along straight lines: borders of coloured cells that have no line. */
export function colourSteps(raster: Raster, least: number, contrast = 18): Rules {
  const { width, height, rgb } = raster;
  const step = (p: number, q: number) =>
    Math.max(
        Math.abs(rgb[p]! - rgb[q]!),
        Math.abs(rgb[p + 1]! - rgb[q + 1]!),
        Math.abs(rgb[p + 2]! - rgb[q + 2]!),
      ) >= contrast
      ? 1
      : 0;
  const d = 3;
  const down = (x: number, y: number) =>
    y < d || y >= height - d ? 0 : step(((y - d) * width + x) * 3, ((y + d) * width + x) * 3);
  const right = (y: number, x: number) =>
    x < d || x >= width - d ? 0 : step((y * width + x - d) * 3, (y * width + x + d) * 3);
  const thick = 2 * d + 3;
  const { gray } = raster;
  const at = (x: number, y: number) =>
    gray[Math.max(0, Math.min(height - 1, y)) * width + Math.max(0, Math.min(width - 1, x))]!;
  const steps = (found: ReturnType<typeof runs>) =>
    toSegments(found, thick, 1).map((s) => ({ ...s, isStep: true }));
  const h = steps(runs(width, height, down, least, 2)),
    v = steps(runs(height, width, right, least, 2));
  return {
    horizontal: join(h.filter((s) => isSteady(s, at)), 4, 12),
    vertical: join(v.filter((s) => isSteady(s, (a, b) => at(b, a))), 4, 12),
  };
}
