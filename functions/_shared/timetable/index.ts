// What a read document says, as blocks: structure(document).
import { align } from "./align.ts";
import { hasHours, readCalendar } from "./calendar.ts";
import { judge } from "./confidence.ts";
import { week } from "./days.ts";
import type { Draft } from "./draft.ts";
import { readGrid } from "./grid.ts";
import { readList } from "./list.ts";
import { readPlain } from "./plain.ts";
import { readRecords } from "./records.ts";
import { tidy, withHeadings } from "./tidy.ts";
import type { Block, Page, ReadDocument, Table } from "./types.ts";

/** How many blocks a reading gives that have a start: the measure by which readings of a page compete. */
const count = (drafts: Draft[] | null): number =>
  (drafts ?? []).filter((d) => d.start !== null).reduce((sum, d) => sum + d.days.length, 0);

export interface Reading {
  drafts: Draft[];
  /** 0 to 1: how sure the way of reading is. */
  geometry: number;
}

/** The page's tables as they are ruled; then ways that need no lines, which must find clearly more to be believed. */
export function readPageDrafts(page: Page): Reading {
  const readTable = (ruled: Table): Draft[] => {
    const table = tidy(ruled), plain = readRecords(table) ?? readGrid(table, page);
    const wider = withHeadings(ruled, page), headed = wider && readGrid(tidy(wider), page);
    if (count(headed) > count(plain)) return headed!;
    return plain ?? readList(table, page);
  };
  let best: Reading = { drafts: page.tables.flatMap(readTable), geometry: 1 };
  const offer = (drafts: Draft[] | null, geometry: number, factor: number) => {
    if (drafts && count(drafts) > factor * count(best.drafts)) best = { drafts, geometry };
  };
  const read = readCalendar(page), calendar = read?.drafts ?? [];
  // Lessons that state the very time at which they stand prove the scale; equal rows of a table may look like one.
  const proven =
    calendar.filter((d) => d.startBy === "own" && !d.reasons.includes("time_off_scale")).length;
  const isProven = read?.isDrawnToScale || proven >= Math.max(5, 0.5 * calendar.length);
  offer(calendar, 0.8, isProven ? 0.5 : 1.2);
  const aligned = align(page);
  // Rows without lines beside whole hours may be a calendar's, where a lesson begins anywhere: a person looks.
  offer(aligned && readGrid(aligned, page), hasHours(page) ? 0.2 : 0.7, 1.25);
  offer(readPlain(page), 0.7, 1.25);
  return best;
}

export function structure(document: ReadDocument): Block[] {
  const blocks = document.pages.flatMap((page) => judge(readPageDrafts(page), page));
  return blocks.sort((a, b) =>
    week.indexOf(a.day) - week.indexOf(b.day) || a.start.localeCompare(b.start)
  );
}
