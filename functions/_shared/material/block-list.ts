// Collects blocks: tidies their text so that Postgres takes it, drops empty ones and stops at the limits.

import { cleanText, collapseWhitespace } from "../text/normalise.ts";
import { MaterialError } from "./errors.ts";
import type { MaterialLimits } from "./limits.ts";
import type { Block } from "./types.ts";

/** One line of plain words; line breaks that somebody made stay. */
export const tidyText = (text: string): string =>
  cleanText(text.toWellFormed()).split("\n").map(collapseWhitespace).filter((line) => line !== "")
    .join("\n");

/** Code keeps its indentation. */
export const tidyCode = (text: string): string =>
  cleanText(text.toWellFormed()).split("\n").map((line) => line.replaceAll("\t", "    ").trimEnd())
    .join("\n").replace(/^\n+|\n+$/g, "");

export const rowText = (cells: string[]): string => {
  const tidied = cells.map((cell) => collapseWhitespace(cell));
  return tidied.every((cell) => cell === "") ? "" : tidied.join(" | ").trim();
};

export class BlockList {
  readonly blocks: Block[] = [];
  readonly #limits: MaterialLimits;
  #characters = 0;

  constructor(limits: MaterialLimits) {
    this.#limits = limits;
  }

  add(block: Block): void {
    const text = block.kind === "code" ? tidyCode(block.text) : tidyText(block.text);
    if (text === "") return;
    this.#characters += text.length + 2;
    if (this.#characters > this.#limits.characters) {
      throw new MaterialError(
        "material_too_large",
        `more than ${this.#limits.characters} characters`,
      );
    }
    if (this.blocks.length >= this.#limits.blocks) {
      throw new MaterialError("material_too_complex", `more than ${this.#limits.blocks} blocks`);
    }
    // A heading of a page's length is none.
    const kind = block.kind === "heading" && text.length > 300 ? "paragraph" : block.kind;
    const oneLine = kind === "heading" ? text.replaceAll("\n", " ") : text;
    const { level, breaks, startsPart } = block;
    this.blocks.push({
      kind,
      ...(level !== undefined && (kind === "heading" || kind === "list_item") ? { level } : {}),
      text: oneLine,
      page: block.page,
      // Tidying may have shortened the text before a break.
      ...(breaks?.length
        ? { breaks: breaks.map(({ at, page }) => ({ at: Math.min(at, text.length), page })) }
        : {}),
      ...(startsPart ? { startsPart } : {}),
    });
  }
}
