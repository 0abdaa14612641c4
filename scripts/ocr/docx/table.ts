// A table of a Word file to the page's model. Widths are the file's; heights, which Word works out when it draws, are
// guessed from the lines: only their order matters.
import type { Element } from "@xmldom/xmldom";
import type { Box, Cell, Table, TextLine } from "../../../functions/_shared/timetable/types.ts";
import { type Defaults, linesOf, type PlainLine } from "./text.ts";
import { ReadError } from "../errors.ts";
import { attribute, child, elements, number } from "./xml.ts";

const TWIPS = 20;
const LINE = 1.2;
const PADDING = 6;

/** Rows and columns: what a delivery may have. A span of a billion columns takes a line to write. */
const MOST_SIDE = 500;

interface Draft {
  row: number;
  column: number;
  rowSpan: number;
  columnSpan: number;
  lines: PlainLine[];
  rotation: TextLine["rotation"];
  fill?: string;
}

const directions: Record<string, TextLine["rotation"]> = {
  btLr: 270,
  tbRl: 90,
  tbRlV: 90,
  tbLrV: 90,
  lrTbV: 0,
};

const rowsOf = (table: Element): Element[] =>
  elements(table).flatMap((e) =>
    e.localName === "tr"
      ? [e]
      // Rows under content controls and tracked changes.
      : ["sdt", "sdtContent", "ins", "customXml"].includes(e.localName ?? "")
      ? rowsOf(e)
      : []
  );
const cellsOf = (row: Element): Element[] =>
  elements(row).flatMap((e) =>
    e.localName === "tc"
      ? [e]
      : ["sdt", "sdtContent", "customXml"].includes(e.localName ?? "")
      ? cellsOf(e)
      : []
  );

/** A number of columns, whatever the file says. */
const count = (element: Element | undefined, least: number): number =>
  Math.max(least, Math.trunc(number(element, "val") ?? least));

function draftsOf(table: Element, defaults: Defaults): Draft[] {
  const drafts: Draft[] = [];
  // The cell that a column's next merged cell continues.
  const open = new Map<number, Draft>();
  rowsOf(table).forEach((row, r) => {
    let column = count(child(child(row, "trPr"), "gridBefore"), 0);
    for (const cell of cellsOf(row)) {
      const look = child(cell, "tcPr");
      const span = count(child(look, "gridSpan"), 1);
      if (column + span > MOST_SIDE) throw new ReadError("document_unpacks_too_large");
      const merge = child(look, "vMerge"), above = open.get(column);
      if (merge && attribute(merge, "val") !== "restart" && above?.columnSpan === span) {
        above.rowSpan++;
        column += span;
        continue;
      }
      const fill = attribute(child(look, "shd"), "fill");
      const draft: Draft = {
        row: r,
        column,
        rowSpan: 1,
        columnSpan: span,
        lines: linesOf(cell, defaults),
        rotation: directions[attribute(child(look, "textDirection"), "val") ?? ""] ?? 0,
        ...(fill && /^[0-9a-f]{6}$/i.test(fill) ? { fill: `#${fill.toLowerCase()}` } : {}),
      };
      drafts.push(draft);
      if (merge) open.set(column, draft);
      else open.delete(column);
      column += span;
    }
  });
  return drafts;
}

function textLines(draft: Draft, box: Box): TextLine[] {
  let offset = PADDING / 2;
  return draft.lines.map((line): TextLine => {
    const height = line.size * LINE, upright = draft.rotation === 0;
    const at: Box = upright
      ? { x: box.x, y: box.y + offset, width: box.width, height }
      : { x: box.x + offset, y: box.y, width: height, height: box.height };
    offset += height;
    const words = line.text.split(/\s+/).map((text) => ({ text, box: at, confidence: 1 }));
    return {
      text: line.text.replace(/\t/g, " "),
      box: at,
      confidence: 1,
      words,
      rotation: draft.rotation,
      size: line.size,
      isBold: line.isBold,
    };
  });
}

const edgesFrom = (start: number, sizes: number[]): number[] =>
  sizes.reduce<number[]>((edges, size) => [...edges, edges.at(-1)! + size], [start]);

export function readTable(element: Element, defaults: Defaults, left: number, top: number): Table {
  const rowElements = rowsOf(element);
  if (rowElements.length > MOST_SIDE) throw new ReadError("document_unpacks_too_large");
  const drafts = draftsOf(element, defaults);
  const columns = Math.max(1, ...drafts.map((d) => d.column + d.columnSpan));
  const grid = child(element, "tblGrid");
  const widths = (grid ? elements(grid) : []).map((g) => (number(g, "w") ?? 0) / TWIPS);
  const columnEdges = edgesFrom(
    left,
    Array.from({ length: columns }, (_, i) => Math.max(10, widths[i] ?? 60)),
  );
  const heights = rowElements.map((row, r) => {
    const stated = (number(child(child(row, "trPr"), "trHeight"), "val") ?? 0) / TWIPS;
    const needed = drafts.filter((d) => d.row === r && d.rowSpan === 1 && d.rotation === 0)
      .map((d) => d.lines.reduce((sum, l) => sum + l.size * LINE, PADDING));
    return Math.max(14, stated, ...needed);
  });
  const rowEdges = edgesFrom(top, heights);
  const cells = drafts.map((d): Cell => {
    const box: Box = {
      x: columnEdges[d.column]!,
      y: rowEdges[d.row]!,
      width: columnEdges[d.column + d.columnSpan]! - columnEdges[d.column]!,
      height: rowEdges[d.row + d.rowSpan]! - rowEdges[d.row]!,
    };
    const { row, column, rowSpan, columnSpan, fill } = d;
    return {
      ...{ row, column, rowSpan, columnSpan, box, lines: textLines(d, box) },
      ...(fill ? { fill } : {}),
    };
  });
  return {
    box: {
      x: left,
      y: top,
      width: columnEdges.at(-1)! - left,
      height: rowEdges.at(-1)! - top,
    },
    rows: heights.length,
    columns,
    rowEdges,
    columnEdges,
    cells,
    confidence: 1,
  };
}
