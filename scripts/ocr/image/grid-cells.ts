// The lines of one table to its cells: squares between neighbouring edges, joined where no line parts them.
import type { Box } from "../../../functions/_shared/timetable/types.ts";
import type { Rules, Segment } from "./rules.ts";

export interface GridCell {
  row: number;
  column: number;
  rowSpan: number;
  columnSpan: number;
  box: Box;
}
export interface Grid {
  box: Box;
  rowEdges: number[];
  columnEdges: number[];
  cells: GridCell[];
}

const near = (a: number, b: number, by: number) => Math.abs(a - b) <= by;

function edges(segments: Segment[], reach: number): number[] {
  const sorted = [...segments].sort((a, b) => a.at - b.at);
  const out: { sum: number; weight: number }[] = [];
  for (const s of sorted) {
    const last = out.at(-1), weight = s.to - s.from;
    if (last && s.at - last.sum / last.weight <= reach) {
      last.sum += s.at * weight;
      last.weight += weight;
    } else out.push({ sum: s.at * weight, weight });
  }
  return out.map((e) => e.sum / e.weight);
}

const isCovered = (
  lines: Segment[],
  at: number,
  from: number,
  to: number,
  reach: number,
): boolean => {
  let sum = 0;
  for (const l of lines) {
    if (near(l.at, at, reach)) sum += Math.max(0, Math.min(l.to, to) - Math.max(l.from, from));
  }
  return sum >= 0.6 * (to - from);
};

export function toGrid({ horizontal, vertical }: Rules, reach: number): Grid | null {
  const ys = edges(horizontal, reach), xs = edges(vertical, reach);
  const rows = ys.length - 1, columns = xs.length - 1;
  if (rows < 1 || columns < 1) return null;
  const group = Array.from({ length: rows * columns }, (_, i) => i);
  const find = (i: number): number => group[i] === i ? i : (group[i] = find(group[i]!));
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      if (c + 1 < columns && !isCovered(vertical, xs[c + 1]!, ys[r]!, ys[r + 1]!, reach)) {
        group[find(r * columns + c)] = find(r * columns + c + 1);
      }
      if (r + 1 < rows && !isCovered(horizontal, ys[r + 1]!, xs[c]!, xs[c + 1]!, reach)) {
        group[find(r * columns + c)] = find((r + 1) * columns + c);
      }
    }
  }
  const members = new Map<number, number[]>();
  group.forEach((_, i) => members.set(find(i), [...(members.get(find(i)) ?? []), i]));
  const cells: GridCell[] = [];
  for (const list of members.values()) {
    const rs = list.map((i) => Math.floor(i / columns)), cs = list.map((i) => i % columns);
    const r1 = Math.min(...rs), r2 = Math.max(...rs), c1 = Math.min(...cs), c2 = Math.max(...cs);
    const closed = isCovered(vertical, xs[c1]!, ys[r1]!, ys[r2 + 1]!, reach) &&
      isCovered(vertical, xs[c2 + 1]!, ys[r1]!, ys[r2 + 1]!, reach) &&
      isCovered(horizontal, ys[r1]!, xs[c1]!, xs[c2 + 1]!, reach) &&
      isCovered(horizontal, ys[r2 + 1]!, xs[c1]!, xs[c2 + 1]!, reach);
    const isRectangle = list.length === (r2 - r1 + 1) * (c2 - c1 + 1);
    if (isRectangle && (closed || list.length < rows * columns)) {
      cells.push({
        row: r1,
        column: c1,
        rowSpan: r2 - r1 + 1,
        columnSpan: c2 - c1 + 1,
        box: {
          x: xs[c1]!,
          y: ys[r1]!,
          width: xs[c2 + 1]! - xs[c1]!,
          height: ys[r2 + 1]! - ys[r1]!,
        },
      });
    } else if (!isRectangle) {
      for (let r = r1; r <= r2; r++) {
        const own = cs.filter((_, k) => rs[k] === r).sort((a, b) => a - b);
        for (let k = 0; k < own.length;) {
          let e = k;
          while (own[e + 1] === own[e]! + 1) e++;
          cells.push({
            row: r,
            column: own[k]!,
            rowSpan: 1,
            columnSpan: e - k + 1,
            box: {
              x: xs[own[k]!]!,
              y: ys[r]!,
              width: xs[own[e]! + 1]! - xs[own[k]!]!,
              height: ys[r + 1]! - ys[r]!,
            },
          });
          k = e + 1;
        }
      }
    }
  }
  cells.sort((a, b) => a.row - b.row || a.column - b.column);
  return {
    box: { x: xs[0]!, y: ys[0]!, width: xs.at(-1)! - xs[0]!, height: ys.at(-1)! - ys[0]! },
    rowEdges: ys,
    columnEdges: xs,
    cells,
  };
}
