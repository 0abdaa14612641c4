// Tables as they were ruled, put right where the ruling was read wrongly: headings that stand outside, neighbours of one
// colour without a line between them, a cell cut in two by a marked word.
import { cellDays } from "./axis.ts";
import { type Chunk, chunks, toLine } from "./chunks.ts";
import { middle, union } from "./draft.ts";
import { cellText } from "./text.ts";
import { findTimes, withoutTimes } from "./times.ts";
import type { Cell, Page, Table, Word } from "./types.ts";

const within = (at: number, edges: number[]) => edges.findLastIndex((e) => e <= at);

const cellFrom = (row: number, column: number, words: Word[]): Cell => {
  const lines = chunks(words).sort((a, b) => a.box.y - b.box.y);
  // Chunks of one heading that stand beside each other are one line of it.
  const rows: Chunk[][] = [];
  for (const c of lines) {
    const mate = rows.find((r) =>
      Math.abs(middle(r[0]!.box).y - middle(c.box).y) < 0.5 * c.box.height
    );
    if (mate) mate.push(c);
    else rows.push([c]);
  }
  return {
    ...{ row, column, rowSpan: 1, columnSpan: 1 },
    box: union(words.map((w) => w.box)),
    lines: rows.map((r) => {
      const inOrder = r.flatMap((c) => c.words).sort((a, b) => a.box.x - b.box.x);
      return toLine({
        text: inOrder.map((w) => w.text).join(" "),
        box: union(inOrder.map((w) => w.box)),
        words: inOrder,
      });
    }),
  };
};

/** Text close above and left of a table, as its first row and first column. */
export function withHeadings(table: Table, page: Page): Table | null {
  if (table.rows < 2 || table.columns < 2) return null;
  const { rowEdges, columnEdges, box } = table;
  const words = page.lines.filter((l) => l.rotation === 0).flatMap((l) => l.words);
  const rowHeight = box.height / table.rows, reach = Math.min(0.3 * box.width, 500);
  const above = words.filter((w) => {
    const m = middle(w.box);
    return m.x > box.x && m.x < box.x + box.width && m.y < box.y &&
      m.y > box.y - Math.max(1.6 * rowHeight, 3 * w.box.height);
  });
  const left = words.filter((w) => {
    const m = middle(w.box);
    return m.y > box.y && m.y < box.y + box.height && m.x < box.x && m.x > box.x - reach;
  });
  const heads = Map.groupBy(above, (w) => within(middle(w.box).x, columnEdges));
  const sides = Map.groupBy(left, (w) => within(middle(w.box).y, rowEdges));
  if (heads.size + sides.size < 3) return null;
  const top = heads.size > 0 ? Math.min(...above.map((w) => w.box.y)) - 4 : box.y - 10,
    side = sides.size > 0 ? Math.min(...left.map((w) => w.box.x)) - 4 : box.x - 10;
  const moved = table.cells.map((c) => ({ ...c, row: c.row + 1, column: c.column + 1 }));
  const columns = [side, ...columnEdges], rows = [top, ...rowEdges];
  const boxed = (cell: Cell): Cell => ({
    ...cell,
    box: {
      x: columns[cell.column]!,
      y: rows[cell.row]!,
      width: columns[cell.column + 1]! - columns[cell.column]!,
      height: rows[cell.row + 1]! - rows[cell.row]!,
    },
  });
  return {
    ...table,
    box: { x: side, y: top, width: box.x + box.width - side, height: box.y + box.height - top },
    rows: table.rows + 1,
    columns: table.columns + 1,
    rowEdges: rows,
    columnEdges: columns,
    cells: [
      ...[...heads].map(([i, list]) => boxed(cellFrom(0, i + 1, list))),
      ...[...sides].map(([i, list]) => boxed(cellFrom(i + 1, 0, list))),
      ...moved,
    ],
  };
}

/** A cell over several columns or rows with a text of its own in the middle of each of them is several cells. */
function split(cell: Cell, { rowEdges, columnEdges }: Table): Cell[] {
  if (cell.rowSpan * cell.columnSpan === 1 || cell.lines.some((l) => l.rotation !== 0)) {
    return [cell];
  }
  const parts = chunks(cell.lines.flatMap((l) => l.words));
  const groups = new Map<string, Chunk[]>();
  for (const part of parts) {
    const m = middle(part.box), column = within(m.x, columnEdges), row = within(m.y, rowEdges);
    const x1 = columnEdges[column]!, x2 = columnEdges[column + 1]!;
    // A text that crosses an edge belongs to both sides: nothing can be said about this cell.
    const over = 4 + 0.12 * part.box.width;
    if (part.box.x < x1 - over || part.box.x + part.box.width > (x2 ?? 0) + over) return [cell];
    const key = `${row}.${column}`;
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  const keys = [...groups.keys()].map((k) => k.split(".").map(Number) as [number, number]);
  const rows = new Set(keys.map(([r]) => r)), columns = new Set(keys.map(([, c]) => c));
  const fills = rows.size * columns.size === groups.size && groups.size >= 2 &&
    (cell.rowSpan === rows.size || rows.size === 1) &&
    (cell.columnSpan === columns.size || columns.size === 1 || rows.size === 1);
  if (!fills) return [cell];
  const isCentred = keys.every(([row, column]) => {
    const box = union(groups.get(`${row}.${column}`)!.map((c) => c.box));
    const height = rowEdges[row + 1]! - rowEdges[row]!;
    const at = rows.size > 1 ? rowEdges[row]! + height / 2 : cell.box.y + cell.box.height / 2;
    return Math.abs(middle(box).y - at) < 0.22 * height;
  });
  if (!isCentred) return [cell];
  return keys.map(([row, column]): Cell => {
    const rowSpan = rows.size > 1 ? 1 : cell.rowSpan;
    // Up to the next text to the right the room belongs to this one.
    const next = [...columns].filter((c) => c > column).sort((a, b) => a - b)[0] ??
      cell.column + cell.columnSpan;
    const first = Math.min(...columns) === column ? cell.column : column;
    const top = rows.size > 1 ? row : cell.row, columnSpan = next - first;
    return {
      ...{ row: top, column: first, rowSpan, columnSpan },
      box: {
        x: columnEdges[first]!,
        y: rowEdges[top]!,
        width: columnEdges[first + columnSpan]! - columnEdges[first]!,
        height: rowEdges[top + rowSpan]! - rowEdges[top]!,
      },
      lines: groups.get(`${row}.${column}`)!.sort((a, b) => a.box.y - b.box.y).map(toLine),
      ...(cell.fill ? { fill: cell.fill } : {}),
    };
  });
}

const isOnlyTime = (cell: Cell) => {
  const text = cellText(cell), spans = findTimes(text);
  return spans.length > 0 && !/\p{L}{2}/u.test(withoutTimes(text, spans));
};

/** A time alone above a name alone, in one column: the mark around the time was taken for a border. */
function joinHalves(table: Table): Table {
  const gone = new Set<Cell>();
  const cells = table.cells.map((cell): Cell => {
    if (!isOnlyTime(cell) || findTimes(cellText(cell))[0]!.end === null) return cell;
    const below = table.cells.find((c) =>
      c.column === cell.column && c.columnSpan === cell.columnSpan &&
      c.row === cell.row + cell.rowSpan && /\p{L}{2}/u.test(cellText(c)) &&
      findTimes(cellText(c)).length === 0 && !cellDays(c)
    );
    // The heading of the row runs past the false border; headings of columns have none beside them that does.
    const goesOn = below &&
      table.cells.some((c) =>
        c !== cell && c.row <= cell.row && c.row + c.rowSpan >= below.row + below.rowSpan &&
        (cellDays(c) !== null || isOnlyTime(c))
      );
    if (!below || !goesOn || gone.has(below)) return cell;
    gone.add(below);
    return {
      ...cell,
      rowSpan: cell.rowSpan + below.rowSpan,
      box: union([cell.box, below.box]),
      lines: [...cell.lines, ...below.lines],
    };
  });
  return { ...table, cells: cells.filter((c) => !gone.has(c)) };
}

export const tidy = (table: Table): Table =>
  joinHalves({ ...table, cells: table.cells.flatMap((c) => split(c, table)) });
