// Markdown to blocks, as GitHub understands it.

import { Lexer, type Token, type Tokens } from "marked";
import { BlockList, rowText } from "../block-list.ts";
import { MaterialError } from "../errors.ts";
import type { MaterialLimits } from "../limits.ts";
import type { Parsed } from "../types.ts";
import { readFrontMatter } from "./front-matter.ts";
import { parseHtml } from "./html.ts";
import { inlineText } from "./markdown-inline.ts";

const tooDeep = () => new MaterialError("material_too_complex", "Markdown nested too deeply");

/** Quotes within quotes and lists within lists take marked ever longer: nobody writes so many. */
const MOST_NESTED = 50;
const NESTED = new RegExp(
  // A rule of dashes or asterisks is no list.
  `^(?![ \\t]*(?:(?:-[ \\t]*)+|(?:\\*[ \\t]*)+)$)` +
    `(?:[ \\t]*(?:>|[-+*](?=[ \\t])|\\d{1,9}[.)](?=[ \\t]))){${MOST_NESTED}}`,
  "m",
);
const INDENTED = /^[ \t]{200,}(?:[-+*]|\d{1,9}[.)])[ \t]/m;
/** Lines that go on with a quote without its sign: marked reads each of these quotes anew for the next. */
const MOST_LAZY = 5000;

function isTooDeep(text: string): boolean {
  if (NESTED.test(text) || INDENTED.test(text)) return true;
  let lazy = 0, wasQuote = false;
  for (const line of text.split("\n")) {
    const isQuote = /^[ \t]*>/.test(line);
    if (line.trim() === "") lazy = 0;
    else if (wasQuote && !isQuote && (lazy += 1) > MOST_LAZY) return true;
    wasQuote = isQuote;
  }
  return false;
}

class MarkdownReader {
  readonly list: BlockList;
  readonly #limits: MaterialLimits;
  readonly #checkTime: () => void;

  constructor(limits: MaterialLimits, checkTime: () => void) {
    this.list = new BlockList(limits);
    this.#limits = limits;
    this.#checkTime = checkTime;
  }

  read(tokens: Token[], depth = 0, lists = 0): void {
    if (depth > this.#limits.depth) throw tooDeep();
    for (const token of tokens) {
      this.#checkTime();
      this.#one(token as Tokens.Generic, depth, lists);
    }
  }

  #one(token: Tokens.Generic, depth: number, lists: number): void {
    const { list } = this;
    const text = token["text"] as string | undefined ?? "";
    switch (token.type) {
      case "heading":
        list.add({
          kind: "heading",
          level: (token as Tokens.Heading).depth,
          text: inlineText(text),
          page: null,
        });
        break;
      case "code":
        list.add({ kind: "code", text, page: null });
        break;
      case "table":
        this.#table(token as Tokens.Table);
        break;
      case "blockquote":
        this.read((token as Tokens.Blockquote).tokens, depth + 1, lists);
        break;
      case "list":
        for (const item of (token as Tokens.List).items) this.#item(item, depth + 1, lists + 1);
        break;
      case "html":
        for (const block of parseHtml(text, this.#limits, this.#checkTime).blocks) list.add(block);
        break;
      case "paragraph":
      case "text":
        this.#paragraph(text);
        break;
      default:
    }
  }

  #paragraph(text: string): void {
    const note = /^\[\^[^\]\s]{1,50}\]:\s*/.exec(text);
    const kind = note ? "note" : "paragraph";
    this.list.add({ kind, text: inlineText(text.slice(note?.[0].length ?? 0)), page: null });
  }

  /** The first line is the item; lists and paragraphs within it follow by themselves. */
  #item(item: Tokens.ListItem, depth: number, lists: number): void {
    if (depth > this.#limits.depth) throw tooDeep();
    const at = item.tokens.findIndex(({ type }) => type === "text" || type === "paragraph");
    item.tokens.forEach((token, i) => {
      if (i !== at) {
        this.read([token], depth, lists);
        return;
      }
      const text = inlineText((token as Tokens.Text).text);
      this.list.add({ kind: "list_item", level: lists, text, page: null });
    });
  }

  #table({ header, rows }: Tokens.Table): void {
    for (const row of [header, ...rows]) {
      const text = rowText(row.map((cell) => inlineText(cell.text)));
      this.list.add({ kind: "table_row", text, page: null });
    }
  }
}

export function parseMarkdown(
  source: string,
  limits: MaterialLimits,
  checkTime: () => void,
): Parsed {
  const { title, language, rest } = readFrontMatter(source.replace(/\r\n?/g, "\n"));
  if (isTooDeep(rest)) throw tooDeep();
  const reader = new MarkdownReader(limits, checkTime);
  try {
    // Only the blocks: what stands in them is read one by one, with a limit of its own.
    reader.read(new Lexer({ gfm: true }).blockTokens(rest.replace(/\n{50,}/g, "\n\n")));
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
  const { blocks } = reader.list;
  return { format: "markdown", blocks, title, language, pageCount: null, needsOcr: [] };
}
