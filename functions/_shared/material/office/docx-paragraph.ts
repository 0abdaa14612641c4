// A paragraph of a Word file while it is read: its text, and what its properties say it is.

import { attribute, type Attributes, isOn } from "../markup/xml.ts";
import type { PageBreak } from "../types.ts";
import { type DocxStyle, isOutline, numberOf, type Role, roleOf } from "./docx-styles.ts";

export interface Note {
  from: "footnotes" | "endnotes";
  id: string;
}

export class DocxParagraph {
  readonly breaks: PageBreak[] = [];
  readonly notes: Note[] = [];
  page: number;
  listLevel = 1;
  #text: string[] = [];
  #length = 0;
  #style: string | null = null;
  #outline: number | null = null;
  #isListed: boolean | null = null;
  #runs = 0;
  #isHidden = false;
  #inText = false;

  constructor(page: number) {
    this.page = page;
  }

  get text(): string {
    return this.#text.join("");
  }

  open(name: string, attributes: Attributes): void {
    const value = () => attribute(attributes, "val");
    switch (name) {
      case "pStyle":
        this.#style = value();
        break;
      case "outlineLvl":
        this.#outline = numberOf(value());
        break;
      case "numId":
        this.#isListed = value() !== "0";
        break;
      case "ilvl":
        this.listLevel = 1 + Math.min(8, Math.max(0, numberOf(value()) ?? 0));
        break;
      case "r":
        this.#runs += 1;
        this.#isHidden = false;
        break;
      case "vanish":
        if (this.#runs > 0) this.#isHidden = isOn(attributes);
        break;
      case "t":
        this.#inText = true;
        break;
      case "tab":
        // Outside of a run it is a setting.
        if (this.#runs > 0) this.#write(" ");
        break;
      case "br":
      case "cr":
        this.#write("\n");
        break;
      case "noBreakHyphen":
        this.#write("-");
        break;
      case "footnoteReference":
      case "endnoteReference": {
        const from = name === "footnoteReference" ? "footnotes" : "endnotes";
        this.notes.push({ from, id: attribute(attributes, "id") ?? "" });
        break;
      }
      default:
    }
  }

  data(text: string): void {
    if (this.#inText) this.#write(text);
  }

  close(name: string): void {
    if (name === "t") this.#inText = false;
    if (name === "r") this.#runs = Math.max(0, this.#runs - 1);
  }

  breakPage(page: number): void {
    if (this.#length === 0) this.page = page;
    else this.breaks.push({ at: this.#length, page });
  }

  #write(text: string): void {
    if (this.#isHidden) return;
    this.#text.push(text);
    this.#length += text.length;
  }

  role(styles: ReadonlyMap<string, DocxStyle>): Role {
    if (isOutline(this.#outline)) return { kind: "heading", level: this.#outline + 1 };
    const role = roleOf(styles, this.#style);
    if (role.kind === "paragraph" && this.#isListed) return { kind: "list_item" };
    return role.kind === "list_item" && this.#isListed === false ? { kind: "paragraph" } : role;
  }
}
