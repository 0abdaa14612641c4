// Pages made by hand: tables and lines as a reader would have found them.
import type { Cell, Page, Table, TextLine } from "../../functions/_shared/timetable/types.ts";

const CELL = { width: 120, height: 60 };
const LINE = 14;

export const line = (text: string, x: number, y: number, size = LINE): TextLine => {
  let at = x;
  const words = text.split(" ").map((word) => {
    const box = { x: at, y, width: word.length * 8, height: size };
    at += box.width + 5;
    return { text: word, box, confidence: 0.95 };
  });
  const box = { x, y, width: at - 5 - x, height: size };
  return { text, box, words, confidence: 0.95, rotation: 0, size };
};

export interface Drawn {
  text: string;
  row: number;
  column: number;
  rowSpan?: number;
  columnSpan?: number;
}

/** Lines of a cell are parted by "/". Times belong to columns of 120, days to rows of 60. */
export function table(drawn: Drawn[], top = 100): Table {
  const rows = Math.max(...drawn.map((d) => d.row + (d.rowSpan ?? 1))),
    columns = Math.max(...drawn.map((d) => d.column + (d.columnSpan ?? 1)));
  const edges = (count: number, from: number, size: number) =>
    Array.from({ length: count + 1 }, (_, i) => from + i * size);
  const columnEdges = edges(columns, 50, CELL.width), rowEdges = edges(rows, top, CELL.height);
  const cells = drawn.map(({ text, row, column, rowSpan = 1, columnSpan = 1 }): Cell => {
    const box = {
      x: columnEdges[column]!,
      y: rowEdges[row]!,
      width: CELL.width * columnSpan,
      height: CELL.height * rowSpan,
    };
    const texts = text.split("/").filter((t) => t !== "");
    const first = box.y + box.height / 2 - texts.length * LINE * 0.6;
    const lines = texts.map((t, i) => {
      const width = t.length * 8 - 3;
      return line(t, box.x + box.width / 2 - width / 2, first + i * LINE * 1.2);
    });
    return { row, column, rowSpan, columnSpan, box, lines };
  });
  const box = {
    x: 50,
    y: top,
    width: columns * CELL.width,
    height: rows * CELL.height,
  };
  return { box, rows, columns, rowEdges, columnEdges, cells, confidence: 1 };
}

/** Rows of texts; an empty text is an empty cell. */
export const grid = (rows: string[][], top = 100): Table =>
  table(rows.flatMap((texts, row) => texts.map((text, column) => ({ text, row, column }))), top);

export const page = (tables: Table[], lines: TextLine[] = []): Page => ({
  number: 1,
  width: 1200,
  height: 900,
  tables,
  lines,
  source: "ocr",
});
