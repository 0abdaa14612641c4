// What study material becomes before anybody looks for anything in it: blocks of text in reading order, then
// one canonical text with the places of the blocks in it.

export type MaterialFormat = "pdf" | "docx" | "pptx" | "markdown" | "html" | "text" | "image";

export type BlockKind =
  | "heading"
  | "paragraph"
  | "list_item"
  | "table_row"
  | "code"
  | "caption"
  | "note";

/** A page that begins inside a block: `at` counts UTF-16 units of the block's text. */
export interface PageBreak {
  at: number;
  page: number;
}

export interface Block {
  kind: BlockKind;
  /** Headings and list items: 1 is the outermost. */
  level?: number;
  text: string;
  /** From 1, where it begins; the number of the slide in presentations; null where there are no pages. */
  page: number | null;
  breaks?: PageBreak[];
  /** Begins a part that no heading above it speaks for: a slide without a title. */
  startsPart?: true;
}

/** What a reader of one format hands over. */
export interface Parsed {
  format: MaterialFormat;
  blocks: Block[];
  /** What the file itself says it is called. */
  title: string | null;
  /** What the file itself says it is written in: a tag such as "de-AT". */
  language: string | null;
  /** Pages or slides; null where there are none. */
  pageCount: number | null;
  /** Pages without text of their own: pictures of text, which somebody has to recognise. */
  needsOcr: number[];
}

/** Offsets count Unicode code points from 0, as char_length() and substr() do in Postgres. */
export interface PlacedBlock extends Block {
  start: number;
  end: number;
  /** The headings above it, outermost first; a heading's own text is the last. */
  headingPath: string[];
}

export type Language = "en" | "de" | "fr" | "es" | "simple";

export interface Material {
  format: MaterialFormat;
  title: string | null;
  language: Language;
  /** The blocks, with an empty line between each two. */
  text: string;
  blocks: PlacedBlock[];
  pageCount: number | null;
  needsOcr: number[];
}
