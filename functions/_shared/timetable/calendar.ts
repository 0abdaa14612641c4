// A calendar program's week: days in a row on top, hours down the side at the height of their lines, lessons where and as
// long as they are. The hours give the scale; a lesson that states its time is believed before it.
import { dayLine } from "./align-axes.ts";
import { type Chunk, pageChunks, paragraphs, toLine } from "./chunks.ts";
import { content } from "./content.ts";
import { dayOf } from "./days.ts";
import { type Draft, middle, union } from "./draft.ts";
import { inOrder } from "./sequence.ts";
import { vocabulary } from "./text.ts";
import { tidy } from "./tidy.ts";
import { findTimes, settle } from "./times.ts";
import type { Box, Cell, Page } from "./types.ts";

interface Scale {
  minutesAt(y: number): number;
  hours: Chunk[];
  /** Every label is a whole hour. */
  isHourly: boolean;
}

const isHour = (c: Chunk) =>
  /^\d{1,2}\s*([:.]\d{2})?\s*([ap]\.?m\.?)?$/i.test(c.text.trim()) && /\d/.test(c.text);

/** A straight line through the hours: calendars draw an hour always as long. */
function scaleOf(all: Chunk[], left: number): Scale | null {
  const column = all.filter((c) => middle(c.box).x < left && isHour(c))
    .sort((a, b) => a.box.y - b.box.y);
  const text = (c: Chunk) => /[:.]|m/i.test(c.text) ? c.text : `${c.text.trim()}:00`;
  const read = inOrder(column.map(text));
  const points = column.flatMap((c, i) => {
    const reading = read[i];
    return reading ? [{ c, y: middle(c.box).y, t: reading.start }] : [];
  });
  if (points.length < 4) return null;
  // The middle one of all slopes between neighbours does not mind a label that was misread.
  const slopes = points.slice(1).map((p, i) => (p.t - points[i]!.t) / (p.y - points[i]!.y))
    .sort((a, b) => a - b);
  const slope = slopes[slopes.length >> 1]!;
  if (!(slope > 0)) return null;
  const offsets = points.map((p) => p.t - slope * p.y).sort((a, b) => a - b);
  const offset = offsets[offsets.length >> 1]!;
  const fits = points.filter((p) => Math.abs(slope * p.y + offset - p.t) < 6);
  if (fits.length < 4 || fits.length < 0.7 * points.length) return null;
  return {
    minutesAt: (y) => slope * y + offset,
    hours: fits.map((p) => p.c),
    isHourly: fits.every((p) => p.t % 60 === 0),
  };
}

interface Event {
  box: Box;
  cell: Cell;
  isBoxed: boolean;
}

/** Boxes with text in them, and text that stands in none. */
function eventsOf(page: Page, body: Chunk[]): Event[] {
  const boxes = page.tables.flatMap((t) => tidy(t).cells).filter((c) => c.lines.length > 0);
  const inBox = new Set(
    boxes.flatMap((c) => c.lines.flatMap((l) => l.words)),
  );
  const loose = paragraphs(body.filter((c) => !c.words.some((w) => inBox.has(w))));
  return [
    ...boxes.map((cell): Event => ({ box: cell.box, cell, isBoxed: true })),
    ...loose.map(({ box, chunks: list }): Event => ({
      box,
      cell: {
        ...{ row: 0, column: 0, rowSpan: 1, columnSpan: 1, box },
        lines: list.map(toLine),
      },
      isBoxed: false,
    })),
  ];
}

/** A box whose edges were not found is as high as those beside it, where its text stands in their middle. */
function boxedLike(events: Event[]): Event[] {
  const boxed = events.filter((e) => e.isBoxed);
  return events.map((event) => {
    if (event.isBoxed) return event;
    const at = middle(event.box).y;
    const mate = boxed.find((o) => Math.abs(middle(o.box).y - at) < 0.15 * o.box.height);
    if (!mate) return event;
    const { y, height } = mate.box;
    return { ...event, box: { ...event.box, y, height }, isBoxed: true };
  });
}

const rounded = (minutes: number) => Math.round(minutes / 5) * 5;

/** Whole hours down the side of a week, evenly spaced: it may be a calendar whose boxes were not found. */
export function hasHours(page: Page): boolean {
  const all = pageChunks(page), days = dayLine(all, "x");
  if (days.length < 3) return false;
  return scaleOf(all, Math.min(...days.map((d) => d.box.x)))?.isHourly ?? false;
}

export interface CalendarReading {
  drafts: Draft[];
  /** Lessons begin where no row of a table could: rows whose labels stand in their middle have their edges at half past. */
  isDrawnToScale: boolean;
}

function drawnToScale(drafts: Draft[], scale: Scale): boolean {
  const boxed = drafts.filter((d) => d.startBy === "position" && d.endBy === "position");
  const between = boxed.filter((d) => Math.abs(d.start! % 60 - 30) > 8);
  return scale.isHourly && boxed.length >= 5 && between.length >= 0.5 * boxed.length;
}

export function readCalendar(page: Page): CalendarReading | null {
  const all = pageChunks(page), days = dayLine(all, "x");
  if (days.length < 3) return null;
  const centres = days.map((d) => middle(d.box).x);
  const width = (centres.at(-1)! - centres[0]!) / (days.length - 1);
  const left = centres[0]! - width / 2, scale = scaleOf(all, left);
  if (!scale) return null;
  const floor = Math.max(...days.map((d) => d.box.y + d.box.height));
  const used = new Set([...days, ...scale.hours]);
  const body = all.filter((c) => !used.has(c) && middle(c.box).x > left && c.box.y > floor);
  const events = boxedLike(eventsOf(page, body));
  const known = vocabulary(events.map((e) => e.cell));
  const drafts = events.flatMap(({ box, cell, isBoxed }): Draft[] => {
    const at = Math.round((middle(box).x - centres[0]!) / width), day = days[at];
    const said = content(cell, known);
    const isNarrow = box.width < 1.3 * width && box.y > floor - 4;
    if (!day || said.name === "" || !isNarrow || !/\p{L}{2}/u.test(said.name)) return [];
    const name = dayOf(day.words[0]!.text);
    const own = said.own ? settle(said.own) : null;
    if (!name || (!own && !isBoxed)) return [];
    const start = rounded(scale.minutesAt(box.y)),
      end = rounded(scale.minutesAt(box.y + box.height));
    return [{
      days: [name],
      name: said.name,
      notes: said.notes,
      start: own?.start ?? start,
      end: own?.end ?? (isBoxed ? end : null),
      startBy: own ? "own" : "position",
      endBy: own?.end != null ? "own" : isBoxed ? "position" : "none",
      cell,
      box: union([box]),
      nameConfidence: said.confidence,
      timeConfidence: own ? said.timeConfidence : 0.9,
      repair: 0,
      reasons: own && isBoxed && Math.abs(own.start - start) > 20 ? ["time_off_scale"] : [],
      isRoutine: false,
    }];
  });
  if (drafts.length < 3 || drafts.every((d) => findTimes(d.name).length > 0)) return null;
  return { drafts, isDrawnToScale: drawnToScale(drafts, scale) };
}
