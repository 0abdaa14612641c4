// What a document becomes before anybody asks what it means: pages with words and tables. Images, PDFs and Word files all
// end here, and everything after it (structure, confidence) knows only this.

/** In pixels of the page as rendered (PDF and DOCX: points), origin at the top left, after deskewing. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Word {
  text: string;
  box: Box;
  /** 0 to 1; 1 where the text was not recognised but read from the file. */
  confidence: number;
}

/** A line of text as a person reads it. */
export interface TextLine {
  text: string;
  box: Box;
  confidence: number;
  words: Word[];
  /** How the line is turned on the page: 90 is read from top to bottom, 270 from bottom to top. */
  rotation: 0 | 90 | 180 | 270;
  /** Height of the letters, for telling names from notes. */
  size: number;
  isBold?: boolean;
  /** Background behind the line where it differs from the cell's, as #rrggbb. */
  highlight?: string;
}

export interface Cell {
  row: number;
  column: number;
  rowSpan: number;
  columnSpan: number;
  box: Box;
  lines: TextLine[];
  /** Background, as #rrggbb. */
  fill?: string;
  /** 0 to 1: the share of what is drawn in the cell that was not read. */
  unread?: number;
}

export interface Table {
  box: Box;
  rows: number;
  columns: number;
  /** Edges of the grid: rows + 1 and columns + 1 positions. */
  rowEdges: number[];
  columnEdges: number[];
  cells: Cell[];
  /** 0 to 1: how sure the geometry is (1 for tables read from a file's own structure). */
  confidence: number;
}

export interface Page {
  number: number;
  width: number;
  height: number;
  tables: Table[];
  /** Text outside of tables. */
  lines: TextLine[];
  source: "ocr" | "text" | "docx";
}

export interface ReadDocument {
  pages: Page[];
  /** What read it, for the records: "tesseract.js 7", "pdf text layer", "docx". */
  engine: string;
}

export type Day =
  | "Monday"
  | "Tuesday"
  | "Wednesday"
  | "Thursday"
  | "Friday"
  | "Saturday"
  | "Sunday";

export interface Block {
  day: Day;
  name: string;
  /** 24-hour HH:MM. */
  start: string;
  /** null: the page gives no end. */
  end: string | null;
  notes?: string;
  color?: string;
  /** Where it was read. */
  page: number;
  box: Box;
  /** 0 to 1, calibrated: of blocks with 0.9, nine in ten are right. */
  confidence: number;
  /** What lowers the confidence: stable codes such as "overlap", "time_by_position", "low_ocr". */
  reasons: string[];
  /** True: no person needs to look. */
  accepted: boolean;
}
