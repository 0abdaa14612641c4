// Reads a PDF as a job would, fifty pages at a time, and says how much memory that took above the start's.

import { readFileSync } from "node:fs";
import { argv, memoryUsage } from "node:process";
import { sha256Hex } from "../../../functions/_shared/text/hash.ts";
import {
  assemble,
  assemblePdf,
  chunkMaterial,
  parsePdfPages,
  type PdfPage,
} from "../../../functions/_shared/material/index.ts";

const RANGE = 50;
const bytes = new Uint8Array(readFileSync(argv.at(-1) ?? ""));
const before = memoryUsage().rss;
let most = before;
const timer = setInterval(() => most = Math.max(most, memoryUsage().rss), 5);

const pages: PdfPage[] = [];
let { info } = await parsePdfPages(bytes, 1, 0);
for (let from = 1; from <= info.pageCount; from += RANGE) {
  const range = await parsePdfPages(bytes, from, from + RANGE - 1, { inspect: false });
  pages.push(...range.pages);
  info = range.info;
}
const chunks = await chunkMaterial(assemble(assemblePdf(info, pages)));
clearInterval(timer);
console.log(JSON.stringify({
  pages: pages.length,
  chunks: chunks.length,
  hash: await sha256Hex(chunks.map((chunk) => chunk.content_hash).join()),
  megabytes: Math.round((Math.max(most, memoryUsage().rss) - before) / 2 ** 20),
}));
