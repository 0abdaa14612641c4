// What a timetable looks like, apart from what it says.
import type { Random } from "./random.ts";

export interface GridLook {
  daysAs: "rows" | "columns";
  family: string;
  background: string;
  lineWidth: number;
  lineColour: string;
  palette: string[];
  dayNames: "long" | "short" | "dated" | "letters" | "spelled";
  timeStyle: "dots" | "colons" | "pm" | "24h";
  /** each: a cell for every day; merged: one cell over all days; spelled: a letter a day; top: one row above all days. */
  routines: "each" | "merged" | "spelled" | "top";
  turnHeadings: boolean;
  /** How the names in some of the cells are turned. */
  turnNames: 0 | 90 | 270;
  /** split: start and end in two cells; period: a number, with a legend of times below the table. */
  headings: "range" | "start" | "split" | "numbered" | "period";
  notes: "brackets" | "small";
  align: "centre" | "left";
  /** Letters reach the lines. */
  isTight: boolean;
  /** Pixels by which a line drawn by hand strays. */
  wobble: number;
  footer: string[];
}

export function clock(minutes: number, style: GridLook["timeStyle"], isEnd = false): string {
  const hour = Math.floor(minutes / 60), minute = String(minutes % 60).padStart(2, "0");
  const twelve = hour > 12 ? hour - 12 : hour;
  if (style === "24h") return `${String(hour).padStart(2, "0")}:${minute}`;
  if (style === "colons") return `${twelve}:${minute}`;
  const plain = minute === "00" && style === "pm" ? `${twelve}` : `${twelve}.${minute}`;
  return style === "pm" && isEnd ? `${plain}${hour >= 12 ? "pm" : "am"}` : plain;
}

export const range = (start: number, end: number, style: GridLook["timeStyle"]): string =>
  `${clock(start, style)} ${style === "dots" ? "–" : "-"} ${clock(end, style, true)}`;

export const isDark = (colour: string | undefined): boolean =>
  colour !== undefined && parseInt(colour.slice(1, 3), 16) < 110;

export function dayText(day: string, style: GridLook["dayNames"], index: number): string {
  if (style === "long") return day;
  if (style === "short") return day.slice(0, 3);
  if (style === "dated") return `${day.slice(0, 3)} ${index + 8}/9`;
  if (style === "letters") return day[0]!;
  return day.slice(0, day === "Thursday" ? 4 : 3).toUpperCase().split("").join(" ");
}

export const usualLook = (random: Random, families: string[]): GridLook => ({
  daysAs: "rows",
  family: random.pick(families),
  background: "#ffffff",
  lineWidth: random.pick([1, 2, 3]),
  lineColour: random.pick(["#000000", "#333333", "#555577"]),
  palette: random.pick([[], [], ["#dbe9f7", "#f7e3db", "#e3f7db", "#f3f3c9"]]),
  dayNames: random.pick(["long", "short"]),
  timeStyle: random.pick(["dots", "colons", "pm", "24h"]),
  routines: "each",
  turnHeadings: false,
  turnNames: 0,
  headings: "range",
  notes: "brackets",
  align: random.pick(["centre", "centre", "left"]),
  isTight: false,
  wobble: 0,
  footer: [],
});
