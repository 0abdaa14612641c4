// A block in the making: what was read, and how each part of it is known.
import type { Box, Cell, Day } from "./types.ts";

/**
 * How the time of an edge is known, from best to worst: the block states it; a heading begins or ends just there; the
 * next heading begins there; the block beside it states it; a heading is near; it lies between two headings; nothing.
 */
export type Source = "own" | "heading" | "next" | "neighbour" | "near" | "position" | "none";

export interface Draft {
  days: Day[];
  name: string;
  notes: string;
  start: number | null;
  end: number | null;
  startBy: Source;
  endBy: Source;
  cell: Cell;
  box: Box;
  nameConfidence: number;
  timeConfidence: number;
  /** What had to be changed about the times to read them: 0 as written. */
  repair: number;
  reasons: string[];
  /** It holds for every day, except where a day says otherwise. */
  isRoutine: boolean;
}

export const overlap = (a1: number, a2: number, b1: number, b2: number): number =>
  Math.max(0, Math.min(a2, b2) - Math.max(a1, b1));

export const union = (boxes: Box[]): Box => {
  const x = Math.min(...boxes.map((b) => b.x)), y = Math.min(...boxes.map((b) => b.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((b) => b.x + b.width)) - x,
    height: Math.max(...boxes.map((b) => b.y + b.height)) - y,
  };
};

export const middle = (b: Box) => ({ x: b.x + b.width / 2, y: b.y + b.height / 2 });
