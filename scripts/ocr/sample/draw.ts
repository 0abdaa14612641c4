// Draws a table of cells as a school's office program would: text centred, wrapped, sometimes turned, on coloured ground.
import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from "@napi-rs/canvas";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const fonts = join(
  dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json")),
  "standard_fonts",
);
for (const style of ["Regular", "Bold", "Italic"]) {
  GlobalFonts.registerFromPath(join(fonts, `LiberationSans-${style}.ttf`), "Sample Sans");
}
GlobalFonts.registerFromPath(join(fonts, "FoxitSerif.pfb"), "Sample Serif");
export const families = ["Sample Sans", "DejaVu Sans", "DejaVu Serif"].filter((f) =>
  GlobalFonts.has(f)
);

export interface DrawnText {
  text: string;
  size: number;
  isBold?: boolean;
  highlight?: string;
}

export interface DrawnCell {
  x: number;
  y: number;
  width: number;
  height: number;
  texts: DrawnText[];
  fill?: string;
  ink?: string;
  turn?: 0 | 90 | 270;
  /** Without lines around it. */
  isBare?: boolean;
}

export interface Sheet {
  width: number;
  height: number;
  background: string;
  family: string;
  /** 0: no lines at all. */
  lineWidth: number;
  lineColour: string;
  align: "centre" | "left";
  /** Between letters and lines. */
  padding: number;
  /** Pixels by which a line drawn by hand strays. */
  wobble: number;
  cells: DrawnCell[];
  /** Stands above the table, without lines. */
  title: DrawnCell | null;
}

const font = (t: DrawnText, family: string) => `${t.isBold ? "bold " : ""}${t.size}px "${family}"`;

function wrap(context: SKRSContext2D, text: DrawnText, family: string, room: number): string[] {
  context.font = font(text, family);
  const lines: string[] = [];
  let line = "";
  for (const word of text.text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && context.measureText(longer).width > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

function drawTexts(context: SKRSContext2D, cell: DrawnCell, sheet: Sheet): void {
  const { family, padding } = sheet;
  const turned = cell.turn === 90 || cell.turn === 270;
  const room = (turned ? cell.height : cell.width) - 2 * padding,
    depth = (turned ? cell.width : cell.height) - padding;
  let texts = cell.texts, lines: { text: string; of: DrawnText }[] = [];
  // Smaller letters until it fits, as a person would choose.
  for (let scale = 1; scale > 0.5; scale -= 0.08) {
    texts = cell.texts.map((t) => ({ ...t, size: Math.max(13, t.size * scale) }));
    lines = texts.flatMap((of) => wrap(context, of, family, room).map((text) => ({ text, of })));
    const wide = Math.max(...lines.map(({ text, of }) => {
      context.font = font(of, family);
      return context.measureText(text).width;
    }));
    if (wide <= room && lines.reduce((sum, l) => sum + l.of.size * 1.25, 0) <= depth) break;
  }
  context.save();
  context.translate(cell.x + cell.width / 2, cell.y + cell.height / 2);
  if (cell.turn) context.rotate((cell.turn * Math.PI) / 180);
  const isLeft = sheet.align === "left" && !cell.isBare;
  context.textAlign = isLeft ? "left" : "center";
  const x = isLeft ? -room / 2 : 0;
  context.textBaseline = "middle";
  let y = -lines.reduce((sum, l) => sum + l.of.size * 1.25, 0) / 2;
  for (const { text, of } of lines) {
    const middle = y + of.size * 0.625;
    context.font = font(of, family);
    if (of.highlight) {
      const width = context.measureText(text).width + 8;
      context.fillStyle = of.highlight;
      context.fillRect(isLeft ? x - 4 : -width / 2, middle - of.size * 0.6, width, of.size * 1.2);
    }
    context.fillStyle = cell.ink ?? "#111111";
    context.fillText(text, x, middle);
    y += of.size * 1.25;
  }
  context.restore();
}

/** By hand no line is quite straight; the strays depend on the place alone, so that neighbours share their lines. */
function outline(context: SKRSContext2D, { x, y, width, height }: DrawnCell, wobble: number): void {
  if (wobble === 0) {
    context.strokeRect(x, y, width, height);
    return;
  }
  const off = (along: number, at: number) => wobble * Math.sin(along / 70 + at * 1.7);
  for (const at of [y, y + height]) {
    context.beginPath();
    for (let u = x; u <= x + width; u += 8) context.lineTo(u, at + off(u, at));
    context.stroke();
  }
  for (const at of [x, x + width]) {
    context.beginPath();
    for (let u = y; u <= y + height; u += 8) context.lineTo(at + off(u, at), u);
    context.stroke();
  }
}

export function draw(sheet: Sheet): Canvas {
  const canvas = createCanvas(sheet.width, sheet.height), context = canvas.getContext("2d");
  context.fillStyle = sheet.background;
  context.fillRect(0, 0, sheet.width, sheet.height);
  for (const cell of sheet.cells) {
    if (cell.fill) {
      context.fillStyle = cell.fill;
      context.fillRect(cell.x, cell.y, cell.width, cell.height);
    }
  }
  if (sheet.lineWidth > 0) {
    context.strokeStyle = sheet.lineColour;
    context.lineWidth = sheet.lineWidth;
    for (const c of sheet.cells) if (!c.isBare) outline(context, c, sheet.wobble);
  }
  const written = sheet.title ? [...sheet.cells, sheet.title] : sheet.cells;
  for (const cell of written) if (cell.texts.length > 0) drawTexts(context, cell, sheet);
  return canvas;
}
