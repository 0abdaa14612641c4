// A picture of a page to its tables and lines. The page is read twice as a whole, upright and turned; cells that came out
// badly get a closer look, each by itself.
import type { Cell, Page, Table, Word } from "../../../functions/_shared/timetable/types.ts";
import type { Gray, OcrEngine } from "../engine/types.ts";
import { closeLook, contains } from "./cells.ts";
import { inkShare, rotate } from "./clean.ts";
import { findGrids, type Grid, type GridCell } from "./grid.ts";
import { type Reading, type Rotation, sureness, toLines, wordsOf, worth } from "./lines.ts";
import { rereadLines, withMissed } from "./outside.ts";
import { ink, type Raster, turnRaster } from "./raster.ts";
import { colourSteps, findRules } from "./rules.ts";
import { makeSheet } from "./sheet.ts";
import { straighten } from "./straighten.ts";
import { rereadTimes } from "./times.ts";

/** Below this a cell is looked at again. */
const SURE = 0.86;
/** Above this share of ink without a word too. */
const MISSED = 0.3;

export function gridsOf(raster: Raster, mask = ink(raster)): Grid[] {
  const size = Math.max(raster.width, raster.height), least = Math.round(size / 45);
  return findGrids(findRules(raster, mask, least), colourSteps(raster, least * 1.5), size);
}

/** Letters that were read for sure, below which a page may lie on its head. */
const FEW = 40;
/** Letters on their head are read as others, but hardly for sure. */
const DOUBTFUL = 0.65;

/** By how many quarters the page has to be turned, when it lies on its side or on its head. */
async function quartersOff(
  upright: Word[],
  turned: Word[],
  sheet: Gray,
  engine: OcrEngine,
): Promise<0 | 1 | 2 | 3> {
  // Turned names in an upright page are common; a page nearly all of which is turned lies on its side.
  if (worth(turned) > 5 * worth(upright) + FEW) return 1;
  const read = Math.max(worth(upright), worth(turned));
  const sure = Math.max(sureness(upright), sureness(turned));
  if ((read > FEW && sure > DOUBTFUL) || inkShare(sheet) < 0.004) return 0;
  const half = rotate(rotate(sheet, 90), 90);
  const [down, other] = await Promise.all(
    [half, rotate(half, 90)].map(async (picture) =>
      worth((await engine.read(picture, { layout: "scattered" })).flatMap((l) => l.words))
    ),
  );
  if (Math.max(down!, other!) < 2 * Math.max(read, FEW)) return 0;
  return down! > other! ? 2 : 3;
}

export async function readPage(
  askew: Raster,
  engine: OcrEngine,
  number = 1,
  isTurned = false,
): Promise<Page> {
  const raster = straighten(askew), { width, height } = raster;
  const inset = Math.max(4, Math.round(Math.max(width, height) / 300));
  const grids = gridsOf(raster), { sheet, isFilled, unread } = makeSheet(raster, grids, inset);
  const [upright, turned] = await Promise.all([
    engine.read(sheet, { layout: "scattered" }).then((l) => wordsOf(l, 0, width, height)),
    engine.read(rotate(sheet, 90), { layout: "scattered" })
      .then((l) => wordsOf(l, 270, width, height)),
  ]);

  const quarters = isTurned ? 0 : await quartersOff(upright, turned, sheet, engine);
  if (quarters !== 0) return await readPage(turnRaster(askew, quarters), engine, number, true);

  const readCell = async (cell: GridCell): Promise<Cell> => {
    if (!isFilled(cell)) return { ...cell, lines: [] };
    const inside = (all: Word[]) => all.filter((w) => contains(cell.box, w.box));
    const options: Reading[] = [
      { words: inside(upright), rotation: 0 },
      { words: inside(turned), rotation: 270 },
    ];
    const better = (a: Reading, b: Reading) => worth(b.words) > worth(a.words) ? b : a;
    const unreadOf = (r: Reading) => unread(cell, r.words.map((w) => w.box));
    let best = options.reduce(better);
    const sure = sureness(best.words), missed = unreadOf(best);
    if (sure < SURE || missed > MISSED) {
      const isTall = cell.box.height > 1.2 * cell.box.width;
      const rotations: Rotation[] = worth(best.words) > 3 && sure > 0.7
        ? [best.rotation]
        : isTall
        ? [270, 0, 90]
        : [0, 270];
      const size = Math.max(0, ...toLines(best).map((l) => l.size));
      const looks = await closeLook(engine, raster, cell.box, inset, { rotations, size });
      best = looks.reduce(better, best);
    }
    return { ...cell, lines: toLines(best), unread: unreadOf(best) };
  };
  const readTable = async (grid: Grid): Promise<Table> => {
    const cells = await Promise.all(grid.cells.map(readCell));
    await rereadTimes(cells, raster, engine, inset);
    return {
      box: grid.box,
      rows: grid.rowEdges.length - 1,
      columns: grid.columnEdges.length - 1,
      rowEdges: grid.rowEdges,
      columnEdges: grid.columnEdges,
      cells,
      confidence: 1,
    };
  };
  const tables = await Promise.all(grids.map(readTable));
  const isOutside = (w: Word) => !grids.some((g) => contains(g.box, w.box));
  const outside = toLines({ words: upright.filter(isOutside), rotation: 0 });
  const found = await withMissed(outside, sheet, grids, engine);
  const lines = await rereadLines(found, raster, engine);
  return { number, width, height, tables, lines, source: "ocr" };
}
