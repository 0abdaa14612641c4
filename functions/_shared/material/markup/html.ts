// HTML to blocks. Only text that a reader would see: no scripts, no navigation, nothing hidden. Nothing is
// fetched.

import { Parser } from "htmlparser2";
import { BlockList, rowText } from "../block-list.ts";
import { MaterialError } from "../errors.ts";
import type { MaterialLimits } from "../limits.ts";
import type { Block, BlockKind, Parsed } from "../types.ts";
import type { Attributes } from "./xml.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const SKIPPED = words(
  "script style template noscript nav svg math canvas iframe object embed audio video map select " +
    "textarea button datalist dialog rt rp frameset applet",
);
const BLOCKS = words(
  "address article aside blockquote body center dd details div dl dt fieldset figcaption figure " +
    "footer form h1 h2 h3 h4 h5 h6 header hgroup html legend li main menu ol optgroup option p pre " +
    "section summary table tbody td tfoot th thead tr ul caption hr",
);
const VOID = words("area base br col embed hr img input link meta param source track wbr");

function isHidden(name: string, attributes: Attributes): boolean {
  if (SKIPPED.has(name) || attributes["hidden"] !== undefined) return true;
  if (attributes["aria-hidden"] === "true" || attributes["role"] === "navigation") return true;
  return /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b/i.test(
    attributes["style"] ?? "",
  );
}

interface Row {
  cells: string[];
  open: boolean;
}

class HtmlReader {
  readonly list: BlockList;
  title: string | null = null;
  language: string | null = null;
  #skip = 0;
  #depth = 0;
  #inTitle = false;
  #titleText = "";
  #pre = 0;
  #lists = 0;
  #kinds: { name: string; kind: BlockKind; level?: number }[] = [];
  #rows: Row[] = [];
  #text: string[] = [];
  readonly #limits: MaterialLimits;

  constructor(limits: MaterialLimits) {
    this.#limits = limits;
    this.list = new BlockList(limits);
  }

  open(name: string, attributes: Attributes): void {
    if (!VOID.has(name)) this.#depth += 1;
    if (this.#depth > this.#limits.depth) {
      throw new MaterialError("material_too_complex", `HTML deeper than ${this.#limits.depth}`);
    }
    if (this.#skip > 0 || (isHidden(name, attributes) && !VOID.has(name))) {
      if (!VOID.has(name)) this.#skip += 1;
      return;
    }
    if (name === "html") this.language ??= attributes["lang"] ?? null;
    if (name === "title") this.#inTitle = this.title === null;
    if (name === "br") this.#text.push("\n");
    if (!BLOCKS.has(name)) return;
    this.#flush();
    if (name === "pre") this.#pre += 1;
    if (name === "ul" || name === "ol" || name === "menu") this.#lists += 1;
    if (name === "tr") this.#rows.push({ cells: [], open: false });
    const row = this.#rows.at(-1);
    if (row && (name === "td" || name === "th")) {
      row.cells.push("");
      row.open = true;
    }
    const kind = this.#kindOf(name);
    if (kind) this.#kinds.push({ name, ...kind });
  }

  #kindOf(name: string): { kind: BlockKind; level?: number } | null {
    if (/^h[1-6]$/.test(name)) return { kind: "heading", level: Number(name[1]) };
    if (name === "li") return { kind: "list_item", level: Math.max(1, this.#lists) };
    if (name === "pre") return { kind: "code" };
    return name === "caption" || name === "figcaption" ? { kind: "caption" } : null;
  }

  close(name: string): void {
    if (!VOID.has(name)) this.#depth -= 1;
    if (this.#skip > 0) {
      if (!VOID.has(name)) this.#skip -= 1;
      return;
    }
    if (name === "title" && this.#inTitle) {
      this.title = this.#titleText.replace(/\s+/g, " ").trim() || null;
      this.#inTitle = false;
    }
    if (!BLOCKS.has(name)) return;
    this.#flush();
    if (name === "pre") this.#pre -= 1;
    if (name === "ul" || name === "ol" || name === "menu") this.#lists -= 1;
    const row = this.#rows.at(-1);
    if (row && (name === "td" || name === "th")) row.open = false;
    if (row && name === "tr") {
      this.#rows.pop();
      // A single cell is a frame around a text, no table.
      this.#add({
        kind: row.cells.length > 1 ? "table_row" : "paragraph",
        text: rowText(row.cells),
      });
    }
    if (this.#kinds.at(-1)?.name === name) this.#kinds.pop();
  }

  text(text: string): void {
    if (this.#inTitle) this.#titleText += text.slice(0, 500);
    else if (this.#skip === 0) {
      this.#text.push(this.#pre > 0 ? text : text.replace(/\s+/g, " "));
    }
  }

  #add({ kind, level, text }: { kind: BlockKind; level?: number; text: string }): void {
    const block: Block = { kind, text, page: null };
    this.list.add(level === undefined ? block : { ...block, level });
  }

  #flush(): void {
    const text = this.#text.join("");
    this.#text = [];
    if (text.trim() === "") return;
    const row = this.#rows.at(-1);
    if (row?.open) row.cells[row.cells.length - 1] += ` ${text}`;
    else this.#add({ ...this.#kinds.at(-1) ?? { kind: "paragraph" }, text });
  }

  end(): void {
    this.#flush();
    for (const { cells } of this.#rows) this.#add({ kind: "table_row", text: rowText(cells) });
  }
}

const SLICE = 64 * 1024;

export function parseHtml(text: string, limits: MaterialLimits, checkTime: () => void): Parsed {
  const reader = new HtmlReader(limits);
  const parser = new Parser({
    onopentag: (name, attributes) => reader.open(name, attributes),
    onclosetag: (name) => reader.close(name),
    ontext: (data) => reader.text(data),
  }, { decodeEntities: true });
  for (let at = 0; at < text.length; at += SLICE) {
    checkTime();
    parser.write(text.slice(at, at + SLICE));
  }
  parser.end();
  reader.end();
  const { list: { blocks }, title, language } = reader;
  return { format: "html", blocks, title, language, pageCount: null, needsOcr: [] };
}

/** The words of a piece of HTML within other text. */
export function textOfHtml(html: string): string {
  const parts: string[] = [];
  const parser = new Parser({
    ontext: (data) => parts.push(data),
    onopentagname: (name) => {
      if (name === "br") parts.push("\n");
    },
  }, { decodeEntities: true });
  parser.end(html);
  return parts.join("");
}
