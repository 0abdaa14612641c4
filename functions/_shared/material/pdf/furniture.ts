// What is printed on every page and belongs to none: running titles and page numbers.

import { mostOf } from "./segments.ts";
import type { PdfLine, PdfPage } from "./types.ts";

/** Lines at the top and bottom of a page that may be furniture, and how far from the edge. */
const MOST_LINES = 3;
const MARGIN = 0.14;
/** A line that comes again so often within so many pages is a running title. */
const OFTEN = 3;
/** Headings are larger than the text and may stand at the top of every fifth page: there it takes more. */
const LARGER = 1.12;
const OFTEN_LARGE = 7;
const WITHIN = 8;
const SAME_HEIGHT = 6;

const PAGE_NUMBER =
  /^[\W_]*(?:(?:page|seite|p[aá]gina|p|s)\.?\s*)?(\d{1,4}|[ivxlcdm]{1,7})(?:\s*(?:\/|of|von|de|sur)\s*\d{1,4})?[\W_]*$/i;

/** The same for "12 Anatomy" and "14 Anatomy". */
const shapeOf = (text: string): string => text.toLowerCase().replace(/\d+/g, "#");

interface Candidate {
  line: PdfLine;
  page: number;
  /** Lines of one group are compared. */
  group: string;
}

/** "Chapter 2 – 31" on page 40 and "Chapter 3 – 35" on page 44 count the same pages. */
const offsetOf = (text: string, page: number): number | null => {
  const numbers = /^(\d{1,4})\b|\b(\d{1,4})$/.exec(text);
  return numbers ? Number(numbers[2] ?? numbers[1]) - page : null;
};

function candidatesOf(page: PdfPage): Candidate[] {
  const byHeight = [...page.lines].sort((a, b) => a.y - b.y);
  const top = byHeight.filter(({ y }) => y < page.height * MARGIN).slice(0, MOST_LINES);
  const bottom = byHeight.filter(({ y }) => y > page.height * (1 - MARGIN)).slice(-MOST_LINES);
  return [...top, ...bottom].flatMap((line): Candidate[] => {
    const offset = offsetOf(line.text, page.page);
    const groups = PAGE_NUMBER.test(line.text) ? ["number"] : [`text ${shapeOf(line.text)}`];
    if (offset !== null) groups.push(`offset ${offset}`);
    return groups.map((group) => ({ line, page: page.page, group }));
  });
}

/** Whether enough others like it stand at its height on pages near it. */
function isRepeated(candidate: Candidate, others: Candidate[], body: number): boolean {
  const pages = new Set<number>();
  for (const other of others) {
    const isNear = Math.abs(other.page - candidate.page) < WITHIN;
    if (isNear && Math.abs(other.line.y - candidate.line.y) <= SAME_HEIGHT) pages.add(other.page);
  }
  return pages.size >= (candidate.line.size > body * LARGER ? OFTEN_LARGE : OFTEN);
}

export function withoutFurniture(pages: PdfPage[]): PdfPage[] {
  const lines = pages.flatMap((page) => page.lines);
  const body = mostOf(lines, (i) => lines[i]?.size ?? 0) ?? 0;
  const candidates = pages.flatMap(candidatesOf);
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const group = groups.get(candidate.group);
    if (group) group.push(candidate);
    else groups.set(candidate.group, [candidate]);
  }
  const removed = new Set<PdfLine>();
  for (const group of groups.values()) {
    // In order of their pages: only neighbours are compared.
    let first = 0;
    group.forEach((candidate) => {
      while ((group[first]?.page ?? 0) <= candidate.page - WITHIN) first += 1;
      const near: Candidate[] = [];
      for (let at = first; at < group.length; at += 1) {
        const other = group[at];
        if (!other || other.page >= candidate.page + WITHIN) break;
        near.push(other);
      }
      // In a short file, a number that is the page's own needs no witness.
      const isOwn = candidate.group === "offset 0" && PAGE_NUMBER.test(candidate.line.text);
      if (isOwn || isRepeated(candidate, near, body)) removed.add(candidate.line);
    });
  }
  return pages.map((page) => ({ ...page, lines: page.lines.filter((line) => !removed.has(line)) }));
}
