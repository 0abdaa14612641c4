// The ways in which schools lay out a week. Each kind draws a plan; what the plan says is what has to be read.
import { drawApp } from "./app-sheet.ts";
import type { Sheet } from "./draw.ts";
import { families } from "./draw.ts";
import { drawGrid } from "./grid-sheet.ts";
import { drawLists } from "./list-sheet.ts";
import { type GridLook, usualLook } from "./look.ts";
import { makePlan, type Plan, type PlanOptions } from "./plan.ts";
import type { Random } from "./random.ts";
import { drawPlainLists, drawRecords } from "./record-sheet.ts";

export interface Kind {
  name: string;
  plan: PlanOptions;
  sheet(plan: Plan, random: Random): Sheet;
}

const grid = (
  name: string,
  plan: PlanOptions,
  change: (random: Random) => Partial<GridLook> = () => ({}),
): Kind => ({
  name,
  plan,
  sheet: (p, random) => {
    const look = { ...usualLook(random, families), ...change(random) };
    // Where headings say only when something begins, nobody can know when the last lesson ends.
    if (look.headings === "start") {
      const end = Math.max(...p.periods.map((period) => period.end));
      const sheet = drawGrid(p, look, random);
      for (const l of p.lessons) if (l.end === end && !l.statesTime) l.end = null;
      return sheet;
    }
    return drawGrid(p, look, random);
  },
});

const colours = ["#9fc5e8", "#f9cb9c", "#b6d7a8", "#ffe599", "#d5a6bd", "#76a5af"];
const either = (random: Random) => random.pick(["rows", "columns"] as const);

export const kinds: Kind[] = [
  grid("days-rows", {}),
  grid("days-columns", {}, () => ({ daysAs: "columns" })),
  grid("merged-routines", { doubles: 0.3 }, (random) => ({
    routines: "merged",
    turnHeadings: random.chance(0.6),
  })),
  grid("merged-columns", { doubles: 0.3 }, () => ({ routines: "merged", daysAs: "columns" })),
  grid("times-in-cells", { ownTimes: 0.35, withNotes: 0.2 }, () => ({ routines: "merged" })),
  grid("turned-names", {}, (random) => ({
    turnNames: random.pick([90, 270] as const),
    turnHeadings: true,
    routines: "merged",
  })),
  grid("spelled-down", {}, () => ({ routines: "spelled", dayNames: "spelled" })),
  grid("coloured", {}, (random) => ({
    lineWidth: 0,
    palette: colours,
    daysAs: either(random),
  })),
  grid("dark", {}, () => ({
    palette: ["#1f3a5f", "#5f1f3a", "#2f4f2f", "#3d3d3d"],
    lineColour: "#ffffff",
    lineWidth: 3,
  })),
  grid("night", {}, (random) => ({
    background: "#1b1b1f",
    palette: [],
    lineColour: random.pick(["#888888", "#cccccc"]),
    daysAs: either(random),
  })),
  grid("unruled", {}, (random) => ({ lineWidth: 0, palette: [], daysAs: either(random) })),
  grid("unruled-notes", { withNotes: 0.3 }, (random) => ({
    lineWidth: 0,
    palette: [],
    daysAs: either(random),
    notes: "small",
  })),
  grid("start-only", {}, () => ({ headings: "start", daysAs: "columns" })),
  grid("start-end", {}, (random) => ({ headings: "split", daysAs: either(random) })),
  grid("numbered", { withNotes: 0.3 }, (random) => ({
    headings: "numbered",
    daysAs: either(random),
    notes: "small",
    footer: ["Office 01234 567890. Gates open at 8.30.", "Wet play is in the hall."],
  })),
  grid("legend", {}, (random) => ({ headings: "period", daysAs: either(random) })),
  grid("letters", {}, (random) => ({ dayNames: "letters", daysAs: either(random) })),
  grid("dated", {}, (random) => ({ dayNames: "dated", daysAs: either(random) })),
  grid("every-day", { doubles: 0 }, () => ({ routines: "top" })),
  grid("tight", { withNotes: 0.2 }, (random) => ({ isTight: true, daysAs: either(random) })),
  grid("by-hand", {}, (random) => ({ wobble: 3, lineWidth: 3, daysAs: either(random) })),
  { name: "lists", plan: { doubles: 0 }, sheet: drawLists },
  { name: "plain-lists", plan: { doubles: 0 }, sheet: drawPlainLists },
  { name: "records", plan: { doubles: 0, withNotes: 0.3 }, sheet: drawRecords },
  { name: "app", plan: { doubles: 0 }, sheet: drawApp },
];

export const makeSample = (kind: Kind, random: Random): { plan: Plan; sheet: Sheet } => {
  const plan = makePlan(random, kind.plan);
  return { plan, sheet: kind.sheet(plan, random) };
};
