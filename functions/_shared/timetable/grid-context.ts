// What a block of a grid owes to those around it.
import type { DayBand } from "./axis.ts";
import { week } from "./days.ts";
import { type Draft, overlap } from "./draft.ts";
import type { TimeMark } from "./headings.ts";
import { cellText, trim } from "./text.ts";
import type { Cell } from "./types.ts";

const isVague = (by: Draft["startBy"]) => by === "near" || by === "position" || by === "none";

/** An edge whose time is only known by its place takes the time that the cell beside it states. */
export function neighbours(drafts: Draft[]): void {
  const beside = (d: Draft, x: number, side: "left" | "right") =>
    drafts.find((o) =>
      o !== d && o.days.some((day) => d.days.includes(day)) &&
      overlap(o.box.y, o.box.y + o.box.height, d.box.y, d.box.y + d.box.height) >
        0.5 * Math.min(o.box.height, d.box.height) &&
      Math.abs((side === "left" ? o.box.x + o.box.width : o.box.x) - x) < 8
    );
  for (const d of drafts) {
    if (isVague(d.startBy)) {
      const o = beside(d, d.box.x, "left");
      if (o?.endBy === "own" && o.end !== null && (d.end === null || o.end < d.end)) {
        d.start = o.end;
        d.startBy = "neighbour";
      }
    }
    if (d.endBy === "position" || d.endBy === "near") {
      const o = beside(d, d.box.x + d.box.width, "right");
      if (o?.startBy === "own" && o.start !== null && (d.start === null || o.start > d.start)) {
        d.end = o.start;
        d.endBy = "neighbour";
      }
    }
  }
}

const isOnlyLabel = /^(period|lesson|session|block|time|am|pm|p|slot)\b/i;

/** A heading that names something, over cells that are all empty: it is what happens then. */
export function headingsThatHappen(marks: TimeMark[], bands: DayBand[], body: Cell[]): Draft[] {
  return marks.flatMap((m): Draft[] => {
    const name = trim(m.label);
    if (!/\p{L}{3}/u.test(name) || isOnlyLabel.test(name)) return [];
    const isOver = (c: Cell) =>
      overlap(m.from, m.to, c.box.x, c.box.x + c.box.width) >
        0.4 * Math.min(c.box.width, m.to - m.from);
    if (body.some((c) => isOver(c) && cellText(c) !== "")) return [];
    return [{
      days: [...new Set(bands.filter((b) => !b.isRoutine).flatMap((b) => b.days))]
        .sort((a, b) => week.indexOf(a) - week.indexOf(b)),
      name,
      notes: "",
      start: m.start,
      end: m.end,
      startBy: "heading",
      endBy: m.end === null ? "none" : "heading",
      cell: m.cell,
      box: m.cell.box,
      nameConfidence: m.confidence,
      timeConfidence: m.confidence,
      repair: m.repair,
      reasons: ["from_heading"],
      isRoutine: true,
    }];
  });
}

/** What a day says for itself stands before the routine of all days at the same time. */
export function exceptions(drafts: Draft[]): Draft[] {
  for (const routine of drafts) {
    if (!routine.isRoutine || routine.start === null) continue;
    const start = routine.start, end = routine.end ?? start + 5;
    routine.days = routine.days.filter((day) =>
      !drafts.some((o) =>
        !o.isRoutine && o.days.includes(day) && o.start !== null &&
        overlap(o.start, o.end ?? o.start + 5, start, end) > 0.5 * (end - start)
      )
    );
  }
  return drafts.filter((d) => d.days.length > 0);
}
