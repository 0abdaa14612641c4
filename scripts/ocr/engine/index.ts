// Which engine: OCR_ENGINE=tesseract.js or OCR_ENGINE=tesseract decides; otherwise the program where it is installed.
import { createTesseractCli, installedTesseract } from "./tesseract-cli.ts";
import { createTesseractJs } from "./tesseract-js.ts";
import type { OcrEngine } from "./types.ts";

export async function createEngine(wanted = process.env.OCR_ENGINE ?? ""): Promise<OcrEngine> {
  if (!["", "tesseract", "tesseract.js"].includes(wanted)) {
    throw new Error(`OCR_ENGINE is "${wanted}"; it may be tesseract or tesseract.js.`);
  }
  const version = wanted === "tesseract.js" ? null : installedTesseract();
  if (version !== null) return createTesseractCli("tesseract", version);
  if (wanted === "tesseract") {
    throw new Error("OCR_ENGINE is tesseract, but no such program with English is on the PATH.");
  }
  return await createTesseractJs();
}
