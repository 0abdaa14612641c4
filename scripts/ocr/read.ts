// Bytes to a ReadDocument, whatever kind they are of.
import type { Page, ReadDocument } from "../../functions/_shared/timetable/types.ts";
import { readDocx } from "./docx/read.ts";
import type { OcrEngine } from "./engine/types.ts";
import { ReadError } from "./errors.ts";
import { loadImage } from "./image/raster.ts";
import { readPage } from "./image/read.ts";
import { kindOf } from "./kind.ts";
import { openPdf, pageFromText } from "./pdf/read.ts";

export const MAX_PAGES = 20;

export interface ReadSettings {
  /** Called only when something has to be recognised: a PDF with text and a Word file need no engine. */
  engine(): Promise<OcrEngine>;
  onPage?(page: Page, of: number): Promise<void> | void;
}

async function readPdf(bytes: Uint8Array, settings: ReadSettings): Promise<ReadDocument> {
  const pdf = await openPdf(bytes);
  try {
    if (pdf.pages > MAX_PAGES) throw new ReadError("document_too_many_pages");
    const pages: Page[] = [], engines = new Set<string>();
    for (let number = 1; number <= pdf.pages; number++) {
      const drawn = await pdf.page(number);
      if (drawn.hasText) {
        engines.add("pdf text layer");
        pages.push(pageFromText(drawn, number));
      } else {
        const engine = await settings.engine();
        engines.add(engine.name);
        pages.push(await readPage(drawn.raster, engine, number));
      }
      await settings.onPage?.(pages.at(-1)!, pdf.pages);
    }
    return { pages, engine: [...engines].join(" + ") };
  } finally {
    await pdf.close();
  }
}

async function readWord(bytes: Uint8Array, settings: ReadSettings): Promise<ReadDocument> {
  const { page, pictures } = readDocx(bytes);
  const hasTable = page.tables.some((t) => t.cells.filter((c) => c.lines.length > 0).length >= 6);
  const pages = [page], engines = new Set(["docx"]);
  // Without a table a picture in the file may be the timetable; beside one it is the school's crest.
  for (const picture of hasTable ? [] : pictures.slice(0, MAX_PAGES - 1)) {
    const engine = await settings.engine();
    engines.add(engine.name);
    pages.push(await readPage(await loadImage(picture), engine, pages.length + 1));
  }
  for (const read of pages) await settings.onPage?.(read, pages.length);
  return { pages, engine: [...engines].join(" + ") };
}

export async function readDocument(
  bytes: Uint8Array,
  settings: ReadSettings,
): Promise<ReadDocument> {
  const kind = kindOf(bytes);
  if (kind === "pdf") return await readPdf(bytes, settings);
  if (kind === "docx") return await readWord(bytes, settings);
  const raster = await loadImage(bytes), engine = await settings.engine();
  const page = await readPage(raster, engine);
  await settings.onPage?.(page, 1);
  return { pages: [page], engine: engine.name };
}
