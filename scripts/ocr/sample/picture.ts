// Draws the pictures of docs/timetable.md anew: a generated page as a phone sees it, and what was read from it.
//   node scripts/run.mjs scripts/ocr/sample/picture.ts
import { join } from "node:path";
import sharp from "sharp";
import { structure } from "../../../functions/_shared/timetable/index.ts";
import type { Block, Page } from "../../../functions/_shared/timetable/types.ts";
import { root } from "../../stack/paths.ts";
import { createEngine } from "../engine/index.ts";
import { readDocument } from "../read.ts";
import { kinds, makeOne } from "./index.ts";

const KIND = "times-in-cells";
const SEED = 4711;
const WIDTH = 1100;

const escape = (text: string) => text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** Each block where it was read, with its times; in red what a person would be asked about. */
function drawn(page: Page, blocks: Block[]): string {
  const scale = WIDTH / page.width, height = Math.round(page.height * scale);
  const seen = new Set<string>();
  const shapes = blocks.flatMap((block) => {
    const { x, y, width, height: tall } = block.box;
    const key = `${x}:${y}`, first = !seen.has(key);
    seen.add(key);
    const colour = block.accepted ? "#1a7f37" : "#cf222e";
    const text = `${block.start}–${block.end ?? "?"}`;
    // A block of every day stands in one place.
    if (!first) return [];
    const across = (x + width / 2) * scale, down = (y + tall / 2) * scale;
    return [
      `<rect x="${x * scale}" y="${y * scale}" width="${width * scale}" height="${tall * scale}"
      fill="#fff" stroke="${colour}" stroke-width="2"/>
      <text x="${across}" y="${down - 4}" font-weight="bold">${text}</text>
      <text x="${across}" y="${down + 12}">${escape(block.name)}</text>`,
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}"
    font-family="DejaVu Sans, sans-serif" font-size="11" text-anchor="middle">
    <rect width="100%" height="100%" fill="#f6f8fa"/>${shapes.join("")}</svg>`;
}

const kind = kinds.find(({ name }) => name === KIND);
if (!kind) throw new Error(`there is no kind ${KIND}`);
const sample = await makeOne(kind, "photo", SEED);
const engine = await createEngine();
try {
  const document = await readDocument(sample.bytes, { engine: () => Promise.resolve(engine) });
  const blocks = structure(document), [page] = document.pages;
  if (!page) throw new Error("nothing was read");
  const file = (name: string) => join(root, "docs", "pictures", name);
  await sharp(sample.bytes).resize(WIDTH).jpeg({ quality: 70 }).toFile(file("timetable.jpg"));
  await sharp(Buffer.from(drawn(page, blocks))).png({ palette: true }).toFile(
    file("timetable-read.png"),
  );
  console.log(
    `${blocks.length} blocks, ${blocks.filter(({ accepted }) => accepted).length} accepted`,
  );
} finally {
  await engine.close();
}
