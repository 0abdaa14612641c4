// What any OCR engine has to be able to do. Everything else in this folder knows only this.
import type { Box, Word } from "../../../functions/_shared/timetable/types.ts";

/** A picture in grey, a byte a pixel. */
export interface Gray {
  width: number;
  height: number;
  data: Uint8Array;
}

export interface OcrLine {
  text: string;
  /** 0 to 1. */
  confidence: number;
  box: Box;
  words: Word[];
}

/** How the text lies on the picture: scattered over it, in columns and paragraphs, in one paragraph, or in one line. */
export type Layout = "scattered" | "page" | "block" | "line";

export interface ReadOptions {
  layout: Layout;
  dpi?: number;
  /** Only these letters can occur. */
  letters?: string;
}

export interface OcrEngine {
  /** For the records: "tesseract.js 7.0.0". */
  name: string;
  read(picture: Gray, options: ReadOptions): Promise<OcrLine[]>;
  close(): Promise<void>;
}
