// Cells from ruling lines. A line counts when both its ends meet lines across: strokes of letters and underlines do not.
export type { Grid, GridCell } from "./grid-cells.ts";
import { type Grid, toGrid } from "./grid-cells.ts";
import { join, type Rules, type Segment } from "./rules.ts";

const near = (a: number, b: number, by: number) => Math.abs(a - b) <= by;

/** The line cut back to the outermost lines across that it meets; null when it meets fewer than two. */
function anchored(line: Segment, across: Segment[], reach: number): Segment | null {
  let from = Infinity, to = -Infinity, met = 0;
  // A drawn line may stop a little short of the one that it meets. An edge of colour may not: that of a marked word would.
  const slack = line.isStep ? reach : 3 * reach;
  for (const other of across) {
    if (other.at < line.from - slack || other.at > line.to + slack) continue;
    if (line.at < other.from - slack || line.at > other.to + slack) continue;
    from = Math.min(from, other.at);
    to = Math.max(to, other.at);
    met++;
  }
  return met >= 2 && to - from > 2 * reach ? { ...line, from, to } : null;
}

export function settle(rules: Rules, reach: number): Rules {
  let { horizontal, vertical } = rules;
  for (let round = 0; round < 8; round++) {
    const h = horizontal.flatMap((l) => anchored(l, vertical, reach) ?? []);
    const v = vertical.flatMap((l) => anchored(l, h, reach) ?? []);
    const same = h.length === horizontal.length && v.length === vertical.length;
    horizontal = h;
    vertical = v;
    if (same) break;
  }
  return { horizontal, vertical };
}

/** Steps of colour where there is no line already. */
export function addMissing(rules: Rules, steps: Rules, reach: number): Rules {
  const missing = (have: Segment[], more: Segment[]) =>
    more.filter((s) => {
      const covered = have.filter((h) => near(h.at, s.at, reach)).reduce(
        (sum, h) => sum + Math.max(0, Math.min(h.to, s.to) - Math.max(h.from, s.from)),
        0,
      );
      return covered < 0.6 * (s.to - s.from);
    });
  return {
    horizontal: join(
      [...rules.horizontal, ...missing(rules.horizontal, steps.horizontal)],
      reach,
      2 * reach,
    ),
    vertical: join(
      [...rules.vertical, ...missing(rules.vertical, steps.vertical)],
      reach,
      2 * reach,
    ),
  };
}

function components({ horizontal, vertical }: Rules, reach: number): Rules[] {
  const all = [
    ...horizontal.map((s) => ({ s, h: true })),
    ...vertical.map((s) => ({ s, h: false })),
  ];
  const group = all.map((_, i) => i);
  const find = (i: number): number => group[i] === i ? i : (group[i] = find(group[i]!));
  for (let i = 0; i < horizontal.length; i++) {
    for (let j = horizontal.length; j < all.length; j++) {
      const h = all[i]!.s, v = all[j]!.s;
      if (
        v.at >= h.from - reach && v.at <= h.to + reach && h.at >= v.from - reach &&
        h.at <= v.to + reach
      ) group[find(i)] = find(j);
    }
  }
  const found = new Map<number, Rules>();
  all.forEach(({ s, h }, i) => {
    const rules = found.get(find(i)) ?? { horizontal: [], vertical: [] };
    (h ? rules.horizontal : rules.vertical).push(s);
    found.set(find(i), rules);
  });
  return [...found.values()].filter((r) => r.horizontal.length >= 2 && r.vertical.length >= 2);
}

export function findGrids(rules: Rules, steps: Rules, size: number): Grid[] {
  const reach = Math.max(6, Math.round(size / 260));
  const settled = settle(addMissing(rules, steps, reach), reach);
  return components(settled, reach).flatMap((c) => toGrid(c, reach) ?? []).filter((g) =>
    g.cells.length >= 2
  )
    .sort((a, b) => a.box.y - b.box.y || a.box.x - b.box.x);
}
