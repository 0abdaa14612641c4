// A PDF's pages as they look, with the words of the text layer at their places.
import { createCanvas } from "@napi-rs/canvas";
import { getDocument, type PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Word } from "../../../functions/_shared/timetable/types.ts";
import { ReadError } from "../errors.ts";
import { fromRgb, type Raster } from "../image/raster.ts";
import { isPicture } from "./picture.ts";

const root = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
const LONG_SIDE = 2400;

export type PdfWord = Word & { rotation: 0 | 90 | 180 | 270 };

export interface PdfPage {
  raster: Raster;
  words: PdfWord[];
  /** False: a scan, or a picture with a line of text beside it; it has to be recognised. */
  hasText: boolean;
}

type Viewport = ReturnType<PDFPageProxy["getViewport"]>;

async function draw(page: PDFPageProxy, viewport: Viewport): Promise<Raster> {
  const width = Math.max(1, Math.round(viewport.width)),
    height = Math.max(1, Math.round(viewport.height));
  const canvas = createCanvas(width, height), context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  // pdf.js is typed for browsers; the canvas of Node has the same methods.
  const canvasContext = context as unknown as CanvasRenderingContext2D;
  await page.render({ canvas: null, canvasContext, viewport }).promise;
  const rgba = context.getImageData(0, 0, width, height).data;
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from]!;
    rgb[to++] = rgba[from + 1]!;
    rgb[to++] = rgba[from + 2]!;
  }
  return fromRgb(rgb, width, height);
}

interface TextItem {
  str: string;
  width: number;
  transform: number[];
}

/** Each word by itself, its place by its share of the item's letters. */
function wordsOf({ str, width, transform }: TextItem, viewport: Viewport): PdfWord[] {
  const [a = 1, b = 0, , , e = 0, f = 0] = transform;
  const size = Math.hypot(a, b), angle = Math.atan2(b, a);
  const quarter = ((Math.round(angle / (Math.PI / 2)) % 4) + 4) % 4;
  const ux = Math.cos(angle), uy = Math.sin(angle);
  return [...str.matchAll(/\S+/g)].map((match) => {
    const from = width * match.index / str.length,
      to = from + width * match[0].length / str.length;
    const foot = viewport.convertToViewportPoint(e + ux * from, f + uy * from);
    const head = viewport.convertToViewportPoint(
      e + ux * to - uy * size * 0.8,
      f + uy * to + ux * size * 0.8,
    );
    const [x1, y1] = foot as [number, number], [x2, y2] = head as [number, number];
    return {
      text: match[0],
      confidence: 1,
      rotation: ([0, 270, 180, 90] as const)[quarter]!,
      box: {
        x: Math.min(x1, x2),
        y: Math.min(y1, y2),
        width: Math.abs(x2 - x1),
        height: Math.abs(y2 - y1),
      },
    };
  });
}

function refusal(error: unknown): ReadError {
  const name = (error as Error).name;
  return new ReadError(name === "PasswordException" ? "document_encrypted" : "document_broken", {
    cause: error,
  });
}

export async function openPdf(bytes: Uint8Array) {
  const task = getDocument({
    data: bytes.slice(),
    standardFontDataUrl: join(root, "standard_fonts") + "/",
    cMapUrl: join(root, "cmaps") + "/",
    cMapPacked: true,
    wasmUrl: join(root, "wasm") + "/",
    // A picture in the file may be a bomb as well as the file itself.
    maxImageSize: 60_000_000,
    verbosity: 0,
  });
  const pdf = await task.promise.catch((error: unknown) => {
    throw refusal(error);
  });
  return {
    pages: pdf.numPages,
    async page(number: number): Promise<PdfPage> {
      try {
        const page = await pdf.getPage(number), base = page.getViewport({ scale: 1 });
        const viewport = page.getViewport({
          scale: LONG_SIDE / Math.max(base.width, base.height),
        });
        const raster = await draw(page, viewport);
        const { items } = await page.getTextContent();
        const words = items.flatMap((item) => "str" in item ? wordsOf(item, viewport) : []);
        const hasText = !isPicture(await page.getOperatorList(), viewport, words);
        page.cleanup();
        return { raster, words, hasText };
      } catch (error) {
        throw error instanceof ReadError ? error : refusal(error);
      }
    },
    close: () => task.destroy(),
  };
}
