// Whether a PDF page has to be recognised in spite of a text layer: scanners hide what they guessed under the picture, and
// teachers paste a picture of the timetable below a typed heading.
import { OPS } from "pdfjs-dist/legacy/build/pdf.mjs";
import type { Box, Word } from "../../../functions/_shared/timetable/types.ts";

type Matrix = [number, number, number, number, number, number];
interface Operators {
  fnArray: number[];
  argsArray: unknown[];
}
interface Viewport {
  width: number;
  height: number;
  convertToViewportPoint(x: number, y: number): unknown[];
}

const FEWEST_WORDS = 8;
const LARGE = 0.3;
const HIDDEN = 3;

const multiply = (m: Matrix, n: Matrix): Matrix => [
  m[0] * n[0] + m[2] * n[1],
  m[1] * n[0] + m[3] * n[1],
  m[0] * n[2] + m[2] * n[3],
  m[1] * n[2] + m[3] * n[3],
  m[0] * n[4] + m[2] * n[5] + m[4],
  m[1] * n[4] + m[3] * n[5] + m[5],
];

const isMatrix = (value: unknown): value is Matrix =>
  (Array.isArray(value) || value instanceof Float32Array) && value.length === 6;

/** Pictures are drawn into the unit square: the matrix at that moment says where it lies. */
function pictures({ fnArray, argsArray }: Operators, viewport: Viewport): Box[] {
  const found: Box[] = [], saved: Matrix[] = [];
  let matrix: Matrix = [1, 0, 0, 1, 0, 0];
  fnArray.forEach((operator, i) => {
    const args = argsArray[i] as unknown[] | null;
    if (operator === OPS.save) saved.push(matrix);
    else if (operator === OPS.restore || operator === OPS.paintFormXObjectEnd) {
      matrix = saved.pop() ?? matrix;
    } else if (operator === OPS.transform && isMatrix(args)) matrix = multiply(matrix, args);
    else if (operator === OPS.paintFormXObjectBegin) {
      saved.push(matrix);
      if (isMatrix(args?.[0])) matrix = multiply(matrix, args[0]);
    } else if (operator === OPS.paintImageXObject || operator === OPS.paintInlineImageXObject) {
      const corners = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([u, v]) =>
        viewport.convertToViewportPoint(
          matrix[0] * u! + matrix[2] * v! + matrix[4],
          matrix[1] * u! + matrix[3] * v! + matrix[5],
        ) as [number, number]
      );
      const xs = corners.map((c) => c[0]), ys = corners.map((c) => c[1]);
      const x = Math.min(...xs), y = Math.min(...ys);
      found.push({ x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y });
    }
  });
  return found;
}

export function isPicture(operators: Operators, viewport: Viewport, words: Word[]): boolean {
  if (words.length < FEWEST_WORDS) return true;
  const { fnArray, argsArray } = operators;
  const hides = fnArray.some((operator, i) =>
    operator === OPS.setTextRenderingMode && (argsArray[i] as number[])[0] === HIDDEN
  );
  if (hides) return true;
  return pictures(operators, viewport).some((p) => {
    const share = p.width * p.height / (viewport.width * viewport.height);
    const inside = words.filter(({ box: b }) =>
      b.x >= p.x && b.y >= p.y && b.x + b.width <= p.x + p.width &&
      b.y + b.height <= p.y + p.height
    );
    return share > LARGE && inside.length < FEWEST_WORDS;
  });
}
