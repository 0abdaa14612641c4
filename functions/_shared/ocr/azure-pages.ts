// Azure's layout as our pages: polygons become boxes, inches become points, and the words of each line are put into the
// cell in whose text they stand.

import type { Box, Cell, Page, Table, TextLine, Word } from "../timetable/types.ts";
import type { AzurePage, AzureResult, AzureSpan, AzureTable } from "./azure-schema.ts";

/** The service says nothing about how sure it is of a table. */
const TABLE_CONFIDENCE = 0.9;
const POINTS_PER_INCH = 72;

const boxOf = (polygon: number[], scale: number): Box => {
  const xs = polygon.filter((_, i) => i % 2 === 0), ys = polygon.filter((_, i) => i % 2 === 1);
  const x = Math.min(...xs) * scale, y = Math.min(...ys) * scale;
  return { x, y, width: Math.max(...xs) * scale - x, height: Math.max(...ys) * scale - y };
};

const around = (boxes: Box[]): Box => {
  const x = Math.min(...boxes.map((b) => b.x)), y = Math.min(...boxes.map((b) => b.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((b) => b.x + b.width)) - x,
    height: Math.max(...boxes.map((b) => b.y + b.height)) - y,
  };
};

const holds = (spans: AzureSpan[], { offset, length }: AzureSpan): boolean =>
  spans.some((s) => offset >= s.offset && offset + length <= s.offset + s.length);

const limit = (confidence: number) => Math.min(1, Math.max(0, confidence));

type Placed = Word & { span: AzureSpan };

const lineOf = (words: Word[]): TextLine => {
  const box = around(words.map((word) => word.box));
  return {
    text: words.map((word) => word.text).join(" "),
    box,
    confidence: words.reduce((sum, word) => sum + word.confidence, 0) / words.length,
    words: words.map(({ text, box, confidence }) => ({ text, box, confidence })),
    rotation: 0,
    size: box.height,
  };
};

/** Where the rows, or the columns, begin; the last edge is where the last of them ends. */
function edges(cells: Cell[], count: number, axis: "row" | "column"): number[] {
  const start = (c: Cell) => axis === "row" ? c.box.y : c.box.x;
  const end = (c: Cell) => start(c) + (axis === "row" ? c.box.height : c.box.width);
  const last = (c: Cell) => c[axis] + (axis === "row" ? c.rowSpan : c.columnSpan);
  const found: number[] = [];
  for (let i = 0; i <= count; i++) {
    const here = [
      ...cells.filter((c) => c[axis] === i).map(start),
      ...cells.filter((c) => last(c) === i).map(end),
    ];
    const mean = here.reduce((sum, value) => sum + value, 0) / here.length;
    found.push(here.length > 0 ? mean : found.at(-1) ?? 0);
  }
  return found;
}

function tableOf(
  { rowCount, columnCount, cells }: AzureTable,
  page: AzurePage,
  lines: Placed[][],
  scale: number,
): Table | null {
  const own: Cell[] = [];
  for (const { rowIndex, columnIndex, rowSpan, columnSpan, boundingRegions, spans } of cells) {
    const region = boundingRegions.find((r) => r.pageNumber === page.pageNumber);
    if (!region) continue;
    const inside = lines.map((words) => words.filter((word) => holds(spans, word.span)))
      .filter((words) => words.length > 0);
    own.push({
      row: rowIndex,
      column: columnIndex,
      rowSpan,
      columnSpan,
      box: boxOf(region.polygon, scale),
      lines: inside.map(lineOf),
    });
  }
  if (own.length === 0) return null;
  return {
    box: around(own.map((cell) => cell.box)),
    rows: rowCount,
    columns: columnCount,
    rowEdges: edges(own, rowCount, "row"),
    columnEdges: edges(own, columnCount, "column"),
    cells: own,
    confidence: TABLE_CONFIDENCE,
  };
}

export const pagesOf = ({ pages, tables }: AzureResult): Page[] =>
  pages.map((page) => {
    const scale = page.unit === "inch" ? POINTS_PER_INCH : 1;
    const words: Placed[] = page.words.map(({ content, polygon, confidence, span }) => ({
      text: content,
      box: boxOf(polygon, scale),
      confidence: limit(confidence),
      span,
    }));
    const lines = page.lines.map(({ spans }) => words.filter((word) => holds(spans, word.span)));
    const inTables = tables.flatMap((table) => table.cells)
      .filter((cell) => cell.boundingRegions.some((r) => r.pageNumber === page.pageNumber))
      .flatMap((cell) => cell.spans);
    return {
      number: page.pageNumber,
      width: page.width * scale,
      height: page.height * scale,
      tables: tables.map((table) => tableOf(table, page, lines, scale)).filter((t) => t !== null),
      lines: lines.map((all) => all.filter((word) => !holds(inTables, word.span)))
        .filter((all) => all.length > 0).map(lineOf),
      source: "ocr",
    };
  });
