// One slide, or its notes, to blocks: the title first, whatever lies on top of it.

import { rowText } from "../block-list.ts";
import { attribute, type Attributes, type XmlHandler } from "../markup/xml.ts";
import type { Block } from "../types.ts";
import { numberOf } from "./docx-styles.ts";

/** Placeholders that every slide repeats. */
const REPEATED = new Set(["sldNum", "dt", "ftr", "hdr", "sldImg"]);

export class SlideReader implements XmlHandler {
  readonly titles: Block[] = [];
  readonly rest: Block[] = [];
  /** The slide is not shown. */
  isHidden = false;
  readonly #page: number;
  #skip = 0;
  #inShape = 0;
  #placeholder: string | null = null;
  #inText = false;
  #paragraph: string[] | null = null;
  #level = 0;
  #bullet: boolean | null = null;
  #cells: string[] | null = null;
  #inCell = false;

  constructor(page: number) {
    this.#page = page;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#skip > 0 || name === "Fallback") {
      this.#skip += 1;
      return;
    }
    switch (name) {
      case "sld":
        this.isHidden = ["0", "false"].includes(attribute(attributes, "show") ?? "1");
        break;
      case "sp":
        this.#inShape += 1;
        this.#placeholder = null;
        break;
      case "cNvPr":
        // Shapes that somebody hid: their text is in none of the slide.
        if (this.#inShape > 0 && attribute(attributes, "hidden") === "1") {
          this.#placeholder = "hidden";
        }
        break;
      case "ph":
        if (this.#placeholder !== "hidden") {
          this.#placeholder = attribute(attributes, "type") ?? "body";
        }
        break;
      case "tr":
        this.#cells = [];
        break;
      case "tc":
        this.#cells?.push("");
        this.#inCell = true;
        break;
      case "p":
        this.#paragraph = [];
        this.#level = 0;
        this.#bullet = null;
        break;
      case "pPr":
        this.#level = Math.min(8, Math.max(0, numberOf(attribute(attributes, "lvl")) ?? 0));
        break;
      case "buNone":
        this.#bullet = false;
        break;
      case "buChar":
      case "buAutoNum":
        this.#bullet = true;
        break;
      case "fld":
        if (/^(?:slidenum|datetime)/.test(attribute(attributes, "type") ?? "")) this.#skip = 1;
        break;
      case "br":
        this.#paragraph?.push("\n");
        break;
      case "tab":
        this.#paragraph?.push(" ");
        break;
      case "t":
        this.#inText = true;
        break;
      default:
    }
  }

  text(text: string): void {
    if (this.#skip === 0 && this.#inText) this.#paragraph?.push(text);
  }

  close(name: string): void {
    if (this.#skip > 0) {
      this.#skip -= 1;
      return;
    }
    if (name === "t") this.#inText = false;
    else if (name === "p") this.#endParagraph();
    else if (name === "tc") this.#inCell = false;
    else if (name === "tr") {
      if (this.#cells) {
        this.rest.push({ kind: "table_row", text: rowText(this.#cells), page: this.#page });
      }
      this.#cells = null;
    } else if (name === "sp") {
      this.#inShape -= 1;
      this.#placeholder = null;
    }
  }

  #endParagraph(): void {
    const text = (this.#paragraph ?? []).join("");
    this.#paragraph = null;
    if (text.trim() === "") return;
    if (this.#inCell && this.#cells) {
      this.#cells[this.#cells.length - 1] += ` ${text}`;
      return;
    }
    const type = this.#placeholder;
    if (type === "hidden" || (type !== null && REPEATED.has(type))) return;
    const page = this.#page;
    if (type === "title" || type === "ctrTitle") {
      const [title] = this.titles;
      // A title of two paragraphs is one.
      if (title) title.text += ` ${text}`;
      else this.titles.push({ kind: "heading", level: 1, text, page });
    } else if (this.#bullet ?? (type === "body" || type === "obj")) {
      this.rest.push({ kind: "list_item", level: this.#level + 1, text, page });
    } else this.rest.push({ kind: "paragraph", text, page });
  }
}
