// A PDF page with text: the drawn page shows the ruling lines, the text layer what stands between them.
import type { Page, Table, TextLine } from "../../../functions/_shared/timetable/types.ts";
import { contains } from "../image/cells.ts";
import { toLines } from "../image/lines.ts";
import { gridsOf } from "../image/read.ts";
import type { PdfPage, PdfWord } from "./open.ts";

export { openPdf } from "./open.ts";

const linesOf = (words: PdfWord[]): TextLine[] =>
  ([0, 90, 270] as const).flatMap((rotation) =>
    toLines({
      // Upside down is read as if it stood upright: the order of its words is all that suffers.
      words: words.filter((w) => (w.rotation === 180 ? 0 : w.rotation) === rotation),
      rotation,
    })
  );

export function pageFromText({ raster, words }: PdfPage, number: number): Page {
  const grids = gridsOf(raster);
  const tables = grids.map((grid): Table => ({
    box: grid.box,
    rows: grid.rowEdges.length - 1,
    columns: grid.columnEdges.length - 1,
    rowEdges: grid.rowEdges,
    columnEdges: grid.columnEdges,
    confidence: 1,
    cells: grid.cells.map((cell) => ({
      ...cell,
      lines: linesOf(words.filter((w) => contains(cell.box, w.box))),
    })),
  }));
  return {
    number,
    width: raster.width,
    height: raster.height,
    source: "text",
    tables,
    lines: linesOf(words.filter((w) => !grids.some((g) => contains(g.box, w.box)))),
  };
}
