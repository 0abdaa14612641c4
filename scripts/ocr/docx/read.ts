// A Word file to pages: its tables as they are, one under the other, with the paragraphs between them. Word knows where a
// page ends only when it draws, so all of it is one page.
import type { Element } from "@xmldom/xmldom";
import type { Page, TextLine } from "../../../functions/_shared/timetable/types.ts";
import { ReadError } from "../errors.ts";
import { readTable } from "./table.ts";
import { defaultsOf, linesOf, type PlainLine } from "./text.ts";
import { wordParts } from "./unzip.ts";
import { child, elements } from "./xml.ts";

const MARGIN = 50;
const WIDTH = 600;
/** As many as a delivery may have. */
const MOST_LINES = 5_000;

const toTextLine = (line: PlainLine, y: number): TextLine => {
  const height = line.size * 1.2;
  const box = { x: MARGIN, y, width: line.text.length * line.size * 0.5, height };
  return {
    ...line,
    text: line.text.replace(/\t/g, " "),
    box,
    confidence: 1,
    rotation: 0,
    words: line.text.split(/\s+/).map((text) => ({ text, box, confidence: 1 })),
  };
};

/** The body's parts in order; content controls are looked through. */
const partsOf = (parent: Element): Element[] =>
  elements(parent).flatMap((e) =>
    ["sdt", "sdtContent", "ins", "customXml"].includes(e.localName ?? "") ? partsOf(e) : [e]
  );

export interface WordFile {
  page: Page;
  /** Some timetables are a picture in a Word file. */
  pictures: Uint8Array[];
}

export function readDocx(bytes: Uint8Array): WordFile {
  const { document, styles, pictures } = wordParts(bytes), defaults = defaultsOf(styles);
  const body = child(document, "body");
  if (!body) throw new ReadError("document_broken");
  const page: Page = {
    number: 1,
    width: WIDTH,
    height: 0,
    tables: [],
    lines: [],
    source: "docx",
  };
  let y = MARGIN;
  try {
    for (const part of partsOf(body)) {
      if (part.localName === "tbl") {
        const table = readTable(part, defaults, MARGIN, y);
        if (table.cells.length > 0) page.tables.push(table);
        page.width = Math.max(page.width, table.box.x + table.box.width + MARGIN);
        y += table.box.height + 12;
      } else if (part.localName === "p") {
        for (const line of linesOf(part, defaults)) {
          page.lines.push(toTextLine(line, y));
          y += line.size * 1.4;
        }
        if (page.lines.length > MOST_LINES) throw new ReadError("document_unpacks_too_large");
      }
    }
  } catch (error) {
    // Elements nested by the thousand: no document of a person.
    if (error instanceof RangeError) throw new ReadError("document_broken", { cause: error });
    throw error;
  }
  page.height = y + MARGIN;
  return { page, pictures };
}
