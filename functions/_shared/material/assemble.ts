// Blocks to the one text that everything else points into, with the place and the headings of each block.

import { CodePoints } from "./code-points.ts";
import { MaterialError } from "./errors.ts";
import { languageOf } from "./language.ts";
import type { FileNaming } from "./format.ts";
import type { Material, Parsed, PlacedBlock } from "./types.ts";

export const BETWEEN_BLOCKS = "\n\n";
const LONGEST_TITLE = 200;

/** Titles that programs give: a file's name, a template's. */
const EMPTY_TITLE =
  /^(?:untitled|document\d*|presentation\d*|microsoft word\b.*|slide 1|.*\.(?:pdf|docx?|pptx?|indd|tex|dvi|qxd|html?))$/i;

function titleOf({ title, blocks }: Parsed, naming: FileNaming): string | null {
  const isUsable = (text: string) => /\p{L}{2}/u.test(text) && text.length <= LONGEST_TITLE;
  if (title && isUsable(title) && !EMPTY_TITLE.test(title.trim())) return title.trim();
  const headings = blocks.slice(0, 30).filter(({ kind }) => kind === "heading");
  // The highest of the first headings: a small line may stand above the title.
  const best = headings.filter(({ text }) => isUsable(text))
    .sort((a, b) => (a.level ?? 1) - (b.level ?? 1))[0];
  if (best) return best.text;
  const name = naming.name?.split(/[\\/]/).at(-1)?.replace(/\.[A-Za-z0-9]{1,10}$/, "")
    .replace(/[_-]+/g, " ").trim();
  return name && isUsable(name) ? name : null;
}

function place(parsed: Parsed, text: string): PlacedBlock[] {
  const points = new CodePoints(text);
  const open: { level: number; text: string }[] = [];
  let at = 0;
  return parsed.blocks.map((block) => {
    if (block.startsPart) open.length = 0;
    if (block.kind === "heading") {
      const level = block.level ?? 1;
      while ((open.at(-1)?.level ?? 0) >= level) open.pop();
      open.push({ level, text: block.text });
    }
    const start = at, end = at + block.text.length;
    at = end + BETWEEN_BLOCKS.length;
    return {
      ...block,
      start: points.fromUnits(start),
      end: points.fromUnits(end),
      headingPath: open.map((heading) => heading.text),
    };
  });
}

/** A file without any text is refused, unless somebody can still recognise its pages. */
export function assemble(parsed: Parsed, naming: FileNaming = {}): Material {
  if (parsed.blocks.length === 0 && parsed.needsOcr.length === 0) {
    throw new MaterialError("material_empty", `no text in the ${parsed.format}`);
  }
  const text = parsed.blocks.map((block) => block.text).join(BETWEEN_BLOCKS);
  return {
    format: parsed.format,
    title: titleOf(parsed, naming),
    language: languageOf(text, parsed.language),
    text,
    blocks: place(parsed, text),
    pageCount: parsed.pageCount,
    needsOcr: parsed.needsOcr,
  };
}
