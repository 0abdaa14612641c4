// The page as the engine gets it: black on white, without ruling lines, every cell cleaned by itself.
import type { Box } from "../../../functions/_shared/timetable/types.ts";
import type { Gray } from "../engine/types.ts";
import {
  blank,
  crop,
  inkShare,
  paste,
  scrubEdges,
  unreadShare,
  whiten,
  whitenPage,
} from "./clean.ts";
import type { Grid, GridCell } from "./grid.ts";
import type { Raster } from "./raster.ts";

const EMPTY = 0.0008;

export interface Sheet {
  sheet: Gray;
  isFilled(cell: GridCell): boolean;
  /** The share of the cell's ink that no word accounts for. */
  unread(cell: GridCell, words: Box[]): number;
}

export function makeSheet(raster: Raster, grids: Grid[], inset: number): Sheet {
  const sheet = whitenPage({ width: raster.width, height: raster.height, data: raster.gray });
  const filled = new Map<GridCell, Gray>();
  for (const { box, cells } of grids) {
    const ground = blank(Math.round(box.width) + 12, Math.round(box.height) + 12);
    paste(sheet, ground, Math.max(0, Math.round(box.x) - 6), Math.max(0, Math.round(box.y) - 6));
    for (const cell of cells) {
      const piece = scrubEdges(whiten(crop(raster, cell.box, inset)));
      if (inkShare(piece) < EMPTY) continue;
      filled.set(cell, piece);
      paste(sheet, piece, Math.round(cell.box.x + inset), Math.round(cell.box.y + inset));
    }
  }
  return {
    sheet,
    isFilled: (cell) => filled.has(cell),
    unread(cell, words) {
      const piece = filled.get(cell);
      if (!piece) return 0;
      const inside = words.map((b) => ({
        ...b,
        x: b.x - cell.box.x - inset,
        y: b.y - cell.box.y - inset,
      }));
      return unreadShare(piece, inside);
    },
  };
}
