// The lines of PDF pages, as plain JSON: a job may keep those of some pages and read the others later.

/** Points, from the top left of the page. */
export interface PdfLine {
  text: string;
  x: number;
  /** The baseline. */
  y: number;
  width: number;
  size: number;
  /** Which stretch of the page (a column, say) it stands in, counted in reading order. */
  region: number;
  /** In a font that is not the page's usual one: a bold line, say. */
  odd?: true;
  mono?: true;
  /** Cells of a row, when it looks like one. */
  cells?: string[];
}

export interface PdfPage {
  page: number;
  width: number;
  height: number;
  lines: PdfLine[];
  /** Something is drawn on it, but hardly any text can be read. */
  needsOcr: boolean;
}

/** An entry of the file's own table of contents. */
export interface PdfOutlineItem {
  title: string;
  level: number;
  page: number | null;
}

export interface PdfInfo {
  pageCount: number;
  title: string | null;
  language: string | null;
  outline: PdfOutlineItem[];
}
