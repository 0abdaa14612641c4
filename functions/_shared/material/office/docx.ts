// Word files to blocks, read as a stream. Pages are where Word last drew them: they are known only when the
// file was saved by a program that draws.

import { BlockList, rowText } from "../block-list.ts";
import { MaterialError } from "../errors.ts";
import type { MaterialLimits } from "../limits.ts";
import type { Attributes, XmlHandler } from "../markup/xml.ts";
import type { Block, Parsed } from "../types.ts";
import { type Notes, readNotes } from "./docx-notes.ts";
import { DocxParagraph, type Note } from "./docx-paragraph.ts";
import { type DocxStyle, readStyles } from "./docx-styles.ts";
import { OfficeParts } from "./parts.ts";

/** Removed text, what properties were before, the copy of text boxes for old programs, codes of fields. */
const SKIPPED = new Set(
  ("del moveFrom delText instrText Fallback rubyPr rt pPrChange rPrChange tblPrChange trPrChange " +
    "tcPrChange sectPrChange numberingChange").split(" "),
);

interface Row {
  cells: string[];
  notes: Note[];
  page: number;
}

interface Sources {
  styles: ReadonlyMap<string, DocxStyle>;
  footnotes: Notes;
  endnotes: Notes;
}

class DocxReader implements XmlHandler {
  readonly list: BlockList;
  page = 1;
  readonly #sources: Sources;
  #skip = 0;
  /** Text boxes are paragraphs within a paragraph. */
  #paragraphs: DocxParagraph[] = [];
  /** The open row of each open table. */
  #rows: Row[] = [];
  /** Code lines that follow each other are one block. */
  #code: Block | null = null;

  constructor(sources: Sources, limits: MaterialLimits) {
    this.list = new BlockList(limits);
    this.#sources = sources;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#skip > 0 || SKIPPED.has(name)) {
      this.#skip += 1;
      return;
    }
    const paragraph = this.#paragraphs.at(-1);
    const row = this.#rows.at(-1);
    if (name === "p") this.#paragraphs.push(new DocxParagraph(this.page));
    else if (name === "tbl") this.#rows.push({ cells: [], notes: [], page: this.page });
    else if (name === "tr" && row) Object.assign(row, { cells: [], notes: [], page: this.page });
    else if (name === "tc") row?.cells.push("");
    else if (name === "lastRenderedPageBreak") {
      this.page += 1;
      paragraph?.breakPage(this.page);
    } else paragraph?.open(name, attributes);
  }

  text(text: string): void {
    if (this.#skip === 0) this.#paragraphs.at(-1)?.data(text);
  }

  close(name: string): void {
    if (this.#skip > 0) this.#skip -= 1;
    else if (name === "p") this.#endParagraph();
    else if (name === "tr") this.#endRow();
    else if (name === "tbl") this.#rows.pop();
    else if (name === "body") this.#flushCode();
    else this.#paragraphs.at(-1)?.close(name);
  }

  #endParagraph(): void {
    const paragraph = this.#paragraphs.pop();
    if (!paragraph) return;
    const { text, page, breaks, notes, listLevel } = paragraph;
    const row = this.#rows.at(-1);
    if (row && row.cells.length > 0) {
      row.cells[row.cells.length - 1] += ` ${text}`;
      row.notes = row.notes.concat(notes);
      return;
    }
    const role = paragraph.role(this.#sources.styles);
    if (role.kind === "contents") return;
    if (role.kind === "code") {
      if (this.#code) this.#code.text += `\n${text}`;
      else this.#code = { kind: "code", text, page };
    } else {
      this.#flushCode();
      const level = role.kind === "heading" ? role.level : listLevel;
      this.list.add({ kind: role.kind, level, text, page, breaks });
    }
    this.#addNotes(notes, page);
  }

  #endRow(): void {
    const row = this.#rows.at(-1);
    if (!row) return;
    this.#flushCode();
    const { cells, notes, page } = row;
    // A single cell is a frame around a text, no table.
    const kind = cells.length > 1 ? "table_row" : "paragraph";
    this.list.add({ kind, text: rowText(cells), page });
    this.#addNotes(notes, page);
    Object.assign(row, { cells: [], notes: [] });
  }

  #addNotes(notes: Note[], page: number): void {
    for (const { from, id } of notes) {
      const text = this.#sources[from].get(id);
      if (text !== undefined) this.list.add({ kind: "note", text, page });
    }
  }

  #flushCode(): void {
    if (this.#code) this.list.add(this.#code);
    this.#code = null;
  }
}

const withoutPages = ({ breaks: _, ...block }: Block): Block => ({ ...block, page: null });

export async function parseDocx(
  bytes: Uint8Array,
  limits: MaterialLimits,
  checkTime: () => void,
): Promise<Parsed> {
  const parts = new OfficeParts(bytes, limits, checkTime);
  const reader = new DocxReader({
    styles: await readStyles(parts),
    footnotes: await readNotes(parts, "word/footnotes.xml", "footnote"),
    endnotes: await readNotes(parts, "word/endnotes.xml", "endnote"),
  }, limits);
  if (!await parts.read("word/document.xml", reader)) {
    throw new MaterialError("material_damaged", "the document is missing");
  }
  const hasPages = reader.page > 1;
  const { blocks } = reader.list;
  return {
    format: "docx",
    blocks: hasPages ? blocks : blocks.map(withoutPages),
    title: await parts.title(),
    language: null,
    pageCount: hasPages ? reader.page : null,
    needsOcr: [],
  };
}
