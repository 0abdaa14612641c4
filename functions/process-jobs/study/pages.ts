// Where in a chunk the pages after its first begin: what a citation needs to name its page.

import { type Chunk, CodePoints, type Material } from "../../_shared/material/index.ts";

/** Characters from the beginning of each chunk, one for each page that begins in it. */
export function pageBreaksOf({ text, blocks }: Material, chunks: Chunk[]): number[][] {
  const points = new CodePoints(text);
  const starts: { at: number; page: number }[] = [];
  let page = 0;
  const begin = (at: number, next: number | null) => {
    if (next === null || next <= page) return;
    starts.push({ at, page: next });
    page = next;
  };
  let units = 0;
  for (const block of blocks) {
    begin(block.start, block.page);
    for (const inside of block.breaks ?? []) {
      begin(points.fromUnits(units + inside.at), inside.page);
    }
    units += block.text.length + 2;
  }
  let first = 0;
  return chunks.map((chunk) => {
    while ((starts[first]?.at ?? Infinity) <= chunk.char_start) first += 1;
    const breaks: number[] = [];
    let current = chunk.page_number ?? 0;
    for (let i = first; (starts[i]?.at ?? Infinity) < chunk.char_end; i += 1) {
      const { at = 0, page: next = 0 } = starts[i] ?? {};
      // A page without text begins where the next one does.
      for (; current < next && chunk.page_number !== null; current += 1) {
        breaks.push(at - chunk.char_start);
      }
    }
    return breaks;
  });
}
