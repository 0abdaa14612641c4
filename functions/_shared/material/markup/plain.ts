// Plain text to blocks. Paragraphs stand between empty lines; lines that an editor wrapped are joined again;
// form feeds part pages.

import { BlockList } from "../block-list.ts";
import type { MaterialLimits } from "../limits.ts";
import { largest } from "../extremes.ts";
import type { Parsed } from "../types.ts";

const BULLET = /^[ \t]*(?:[-*•●▪◦‣–]|\(?\d{1,3}[.)]|\(?[a-z]\))[ \t]+(?=\S)/;
const SIGN = /^[ \t]*[-*•●▪◦‣–][ \t]+/;
const NAMED =
  /^(?:chapter|part|section|unit|lecture|appendix|kapitel|teil|abschnitt|chapitre|partie|cap[ií]tulo|parte|secci[oó]n)\s+(?:\d+|[ivxlc]+)\b/i;
const NUMBERED = /^(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+\p{Lu}/u;
const LONGEST = 80;

/** The rank of a line that stands alone, or null. */
function levelOf(line: string): number | null {
  if (line.length > LONGEST || /[.,;:!?]$/.test(line) || !/\p{L}{2}/u.test(line)) return null;
  if (NAMED.test(line)) return 1;
  const numbered = NUMBERED.exec(line);
  if (numbered) return (numbered[1] ?? "").split(".").length;
  const letters = line.replace(/[^\p{L}]/gu, "");
  return letters.length >= 4 && letters === letters.toUpperCase() &&
      letters !== letters.toLowerCase()
    ? 2
    : null;
}

class PlainReader {
  readonly list: BlockList;
  page: number | null;
  #lines: string[] = [];

  constructor(limits: MaterialLimits, page: number | null) {
    this.list = new BlockList(limits);
    this.page = page;
  }

  line(raw: string): void {
    const line = raw.trimEnd();
    if (line.trim() === "") return this.flush();
    // A line of signs under a single one makes that a heading.
    const underline = /^(?:(=){3,}|-{3,})$/.exec(line);
    if (underline && this.#lines.length === 1) {
      const text = this.#lines[0] ?? "";
      this.#lines = [];
      return this.#add("heading", text, underline[1] ? 1 : 2);
    }
    if (/^[-=_*~#]{3,}$/.test(line)) return this.flush();
    const marked = /^(#{1,6})[ \t]+(\S.*)$/.exec(line);
    if (marked) {
      this.flush();
      return this.#add("heading", marked[2] ?? "", marked[1]?.length ?? 1);
    }
    if (BULLET.test(line)) this.flush();
    this.#lines.push(line);
  }

  flush(): void {
    const [first = ""] = this.#lines;
    if (this.#lines.length === 0) return;
    const lines = this.#lines.map((line) => line.trim());
    this.#lines = [];
    const level = lines.length === 1 ? levelOf(lines[0] ?? "") : null;
    if (level !== null) this.#add("heading", lines[0] ?? "", level);
    else if (BULLET.test(first)) {
      const indent = /^[ \t]*/.exec(first)?.[0].replaceAll("\t", "    ").length ?? 0;
      lines[0] = first.replace(SIGN, "");
      this.#add("list_item", lines.join(" "), 1 + Math.floor(indent / 2));
    } else this.#add("paragraph", this.#joined(lines));
  }

  /** Lines about as long as the longest were wrapped; short ones, as in a poem, were meant. */
  #joined(lines: string[]): string {
    const longest = largest(lines.map((line) => line.length));
    const isWrapped = longest > 40 &&
      lines.slice(0, -1).filter((line) => line.length > longest * 0.6).length >=
        (lines.length - 1) * 0.7;
    return lines.join(isWrapped ? " " : "\n");
  }

  #add(kind: "heading" | "paragraph" | "list_item", text: string, level?: number): void {
    const block = { kind, text, page: this.page };
    this.list.add(level === undefined ? block : { ...block, level });
  }
}

export function parsePlain(source: string, limits: MaterialLimits, checkTime: () => void): Parsed {
  const pages = source.replace(/\r\n?/g, "\n").replace(/\f\s*$/, "").split("\f");
  const hasPages = pages.length > 1;
  const reader = new PlainReader(limits, hasPages ? 1 : null);
  pages.forEach((page, i) => {
    if (hasPages) reader.page = i + 1;
    page.split("\n").forEach((line, at) => {
      if (at % 1000 === 0) checkTime();
      reader.line(line);
    });
    reader.flush();
  });
  const { blocks } = reader.list;
  const pageCount = hasPages ? pages.length : null;
  return { format: "text", blocks, title: null, language: null, pageCount, needsOcr: [] };
}
