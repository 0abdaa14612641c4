// From the bytes of a file to its blocks, or a MaterialError that says why not.

import { assemble } from "./assemble.ts";
import { decodeText } from "./decode.ts";
import { MaterialError } from "./errors.ts";
import { detectFormat, type FileNaming } from "./format.ts";
import { type SomeLimits, startClock, withDefaults } from "./limits.ts";
import { parseHtml } from "./markup/html.ts";
import { parseMarkdown } from "./markup/markdown.ts";
import { parsePlain } from "./markup/plain.ts";
import { parseDocx } from "./office/docx.ts";
import { parsePptx } from "./office/pptx.ts";
import { assemblePdf } from "./pdf/assemble.ts";
import type { PdfOptions } from "./pdf/open.ts";
import { parsePdfPages } from "./pdf/read.ts";
import type { Material, Parsed } from "./types.ts";

/** A picture has no text of its own: it is one page to be recognised. */
const picture = (): Parsed => ({
  ...{ format: "image", blocks: [], title: null, language: null, pageCount: 1, needsOcr: [1] },
});

export async function parseBlocks(
  bytes: Uint8Array,
  naming: FileNaming = {},
  some: SomeLimits = {},
  pdf: Omit<PdfOptions, "limits"> = {},
): Promise<Parsed> {
  const limits = withDefaults(some);
  if (bytes.length > limits.bytes) {
    throw new MaterialError("material_too_large", `more than ${limits.bytes} bytes`);
  }
  const format = detectFormat(bytes, naming);
  const checkTime = startClock(limits.milliseconds);
  switch (format) {
    case "pdf": {
      const { info, pages } = await parsePdfPages(bytes, 1, limits.pages, { ...pdf, limits });
      return assemblePdf(info, pages, limits);
    }
    case "docx":
      return await parseDocx(bytes, limits, checkTime);
    case "pptx":
      return await parsePptx(bytes, limits, checkTime);
    case "image":
      return picture();
    default: {
      const text = decodeText(bytes);
      if (text.length > limits.characters * 2) {
        throw new MaterialError("material_too_large", `${text.length} characters`);
      }
      const parse = { markdown: parseMarkdown, html: parseHtml, text: parsePlain }[format];
      return parse(text, limits, checkTime);
    }
  }
}

export const parseMaterial = async (
  bytes: Uint8Array,
  naming: FileNaming = {},
  limits: SomeLimits = {},
  pdf: Omit<PdfOptions, "limits"> = {},
): Promise<Material> => assemble(await parseBlocks(bytes, naming, limits, pdf), naming);
