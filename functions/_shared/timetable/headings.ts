// The axis of times: headings with times along x, in the order of the day.
import type { Source } from "./draft.ts";
import { inOrder, type Reading, readings } from "./sequence.ts";
import { cellText } from "./text.ts";
import { findTimes, withoutTimes } from "./times.ts";
import type { Cell } from "./types.ts";

export interface TimeMark {
  from: number;
  to: number;
  start: number;
  end: number | null;
  /** What else the heading says: "Break", "Period 1". */
  label: string;
  confidence: number;
  repair: number;
  cell: Cell;
}

const isMainlyDigits = (text: string) => /\d/.test(text) && !/\p{L}{4}/u.test(text);
const wordless = (text: string) => text.replace(/\b(period|lesson|session|block|slot)\b/gi, "");

/** Cells of a row of headings that say a time, or that must have said one before it was misread. */
function timed(cells: Cell[]): Cell[] {
  const says = cells.filter((c) => findTimes(cellText(c)).length > 0);
  if (says.length < 3 || says.length < 0.4 * cells.length) return says;
  return cells.filter((c) =>
    says.includes(c) ||
    (isMainlyDigits(wordless(cellText(c))) && readings(cellText(c)).length > 0)
  );
}

/** Where most headings are ranges, a single time lost its other half: it is the end when the next one begins then. */
function mendHalves(read: (Reading | null)[]): (Reading | null)[] {
  const whole = read.filter((r) => r && r.end !== null).length;
  if (whole < 0.6 * read.length) return read;
  const lengths = read.flatMap((r) => r && r.end !== null ? [r.end - r.start] : [])
    .sort((a, b) => a - b);
  const usual = lengths[lengths.length >> 1] ?? 0;
  return read.map((r, i) => {
    if (!r || r.end !== null) return r;
    const before = read[i - 1], next = read[i + 1];
    if (next && next.start === r.start && before?.end != null && before.end < r.start) {
      return { start: before.end, end: r.start, cost: r.cost + 1 };
    }
    if (before?.end === r.start && next && next.start > r.start && next.start - r.start <= 120) {
      return { start: r.start, end: next.start, cost: r.cost + 1 };
    }
    // The first one: its start can only be guessed.
    if (i === 0 && next?.start === r.start) {
      return { start: r.start - usual, end: r.start, cost: r.cost + 2.5 };
    }
    // The last one: alone it can only be the end when it does not follow at once.
    if (!next && before?.end != null && r.start > before.end && r.start - before.end <= 75) {
      return { start: before.end, end: r.start, cost: r.cost + 1.5 };
    }
    return r;
  });
}

export function timeMarks(cells: Cell[]): TimeMark[] {
  const sorted = timed(cells).sort((a, b) => a.box.x - b.box.x);
  const read = mendHalves(inOrder(sorted.map(cellText)));
  return sorted.flatMap((cell, i): TimeMark[] => {
    const reading = read[i], text = cellText(cell);
    if (!reading) return [];
    return [{
      from: cell.box.x,
      to: cell.box.x + cell.box.width,
      start: reading.start,
      end: reading.end,
      label: withoutTimes(text, findTimes(text)).replace(/^[\s\-–—:]+|[\s\-–—:]+$/g, ""),
      confidence: cell.lines.length === 0 ? 0 : Math.min(...cell.lines.map((l) => l.confidence)),
      repair: reading.cost,
      cell,
    }];
  });
}

/** A heading without a time between two that have one lasts from the one to the other: "Break". */
export function fillGaps(marks: TimeMark[], row: Cell[]): TimeMark[] {
  if (marks.length < 2) return marks;
  const out = [...marks];
  for (const cell of row) {
    if (marks.some((m) => m.cell === cell)) continue;
    const from = cell.box.x, to = cell.box.x + cell.box.width, near = 0.2 * cell.box.width + 6;
    const before = marks.find((m) => Math.abs(m.to - from) < near),
      after = marks.find((m) => Math.abs(m.from - to) < near);
    if (!before || !after || before.end === null || before.end >= after.start) continue;
    const label = cellText(cell);
    out.push({
      ...{ from, to, start: before.end, end: after.start, label, cell },
      confidence: Math.min(before.confidence, after.confidence) * 0.9,
      repair: 2,
    });
  }
  return out.sort((a, b) => a.from - b.from);
}

/** Headings in two columns or rows, one for the start and one for the end. */
export function mergeStartEnd(marks: TimeMark[], rows: Cell[][]): TimeMark[] {
  if (marks.length === 0 || marks.some((m) => m.end !== null)) return marks;
  const besides = (a: TimeMark, b: TimeMark) => Math.abs(a.from - b.from) < 12;
  for (const cells of rows) {
    const other = timeMarks(cells.filter((c) => !marks.some((m) => m.cell === c)));
    if (other.length < 0.7 * marks.length || other.some((o) => o.end !== null)) continue;
    const pairs = marks.map((m) => ({ m, o: other.find((o) => besides(m, o)) }));
    const known = pairs.flatMap(({ m, o }) => o ? [o.start - m.start] : []);
    if (known.length < 0.7 * marks.length) continue;
    const repairOf = (m: TimeMark, o: TimeMark) => Math.max(m.repair, o.repair);
    const sureOf = (m: TimeMark, o: TimeMark) => Math.min(m.confidence, o.confidence);
    if (known.every((d) => d > 0)) {
      return pairs.map(({ m, o }) =>
        o ? { ...m, end: o.start, repair: repairOf(m, o), confidence: sureOf(m, o) } : m
      );
    }
    if (known.every((d) => d < 0)) {
      return pairs.flatMap(({ m, o }) =>
        o
          ? [{
            ...m,
            ...{ start: o.start, end: m.start, repair: repairOf(m, o) },
            confidence: sureOf(m, o),
          }]
          : []
      );
    }
  }
  return marks;
}

const rounded = (minutes: number) => Math.round(minutes / 5) * 5;
/** Pixels within which two edges are the same line. */
const SAME = 9;

export interface EdgeTime {
  time: number | null;
  by: Source;
  mark: TimeMark | null;
}

/** The time of an edge: that of the heading that begins or ends there, or one in between by its place. */
export function edgeTime(marks: TimeMark[], x: number, side: "start" | "end"): EdgeTime {
  let best: { distance: number; found: EdgeTime } | null = null;
  for (const [i, mark] of marks.entries()) {
    const distance = Math.abs(x - (side === "start" ? mark.from : mark.to));
    const reach = Math.min(80, Math.max(6, 0.3 * (mark.to - mark.from)));
    if (distance > reach || (best && best.distance <= distance)) continue;
    const near = distance <= SAME, next = marks[i + 1]?.start ?? null;
    if (side === "start") {
      best = { distance, found: { time: mark.start, by: near ? "heading" : "near", mark } };
    } else if (mark.end !== null) {
      best = { distance, found: { time: mark.end, by: near ? "heading" : "near", mark } };
    } else {
      best = { distance, found: { time: next, by: next === null ? "none" : "next", mark } };
    }
  }
  if (best) return best.found;
  const inside = marks.find((m) => x > m.from && x < m.to);
  const end = inside ? inside.end ?? marks[marks.indexOf(inside) + 1]?.start ?? null : null;
  if (!inside || end === null) return { time: null, by: "none", mark: null };
  const share = (x - inside.from) / (inside.to - inside.from);
  return {
    time: rounded(inside.start + (end - inside.start) * share),
    by: "position",
    mark: inside,
  };
}
