// Pages that were read, whenever that was, to the blocks of the whole document. The same pages always make
// the same blocks.

import { type SomeLimits, withDefaults } from "../limits.ts";
import type { MaterialFormat, Parsed } from "../types.ts";
import { withoutFurniture } from "./furniture.ts";
import { headingStyle } from "./headings.ts";
import { vocabularyOf } from "./hyphens.ts";
import { blocksOfPages } from "./paragraphs.ts";
import type { PdfInfo, PdfPage } from "./types.ts";

export function assemblePdf(
  info: PdfInfo,
  pages: PdfPage[],
  limits: SomeLimits = {},
  format: MaterialFormat = "pdf",
): Parsed {
  const sorted = [...pages].sort((a, b) => a.page - b.page);
  const clean = withoutFurniture(sorted);
  const style = headingStyle(clean, info.outline);
  return {
    format,
    blocks: blocksOfPages(clean, style, vocabularyOf(clean), withDefaults(limits)),
    title: info.title,
    language: info.language,
    pageCount: info.pageCount,
    needsOcr: sorted.filter(({ needsOcr }) => needsOcr).map(({ page }) => page),
  };
}
