// pdf.js itself, loaded when the first PDF comes: it is large, and most of the time nobody needs it.

type PdfJs = typeof import("pdfjs-dist/legacy/build/pdf.mjs");

let loading: Promise<PdfJs> | null = null;

async function load(): Promise<PdfJs> {
  // First: with the worker's code loaded, pdf.js starts no thread and fetches no script.
  // @ts-ignore: it has no types, and none are needed.
  await import("pdfjs-dist/legacy/build/pdf.worker.mjs");
  return await import("pdfjs-dist/legacy/build/pdf.mjs");
}

export const loadPdfJs = (): Promise<PdfJs> => loading ??= load();
