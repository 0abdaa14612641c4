// The text in pieces of about a page's third, cut where its structure allows it. Where a cut falls depends on
// the words around it and not on how many stand before, so that a change in one paragraph leaves the chunks
// before and after it as they were.

import { sha256Hex } from "../text/hash.ts";
import { CodePoints } from "./code-points.ts";
import type { Material, PlacedBlock } from "./types.ts";
import { CUT, type Unit, unitsOf } from "./units.ts";

export interface ChunkSettings {
  /** Characters (UTF-16 units) that a chunk should have. */
  target: number;
  /** At most, with the overlap. */
  max: number;
  /** At most so much of the chunk before is said again: whole sentences, never across a heading. */
  overlap: number;
}

export const DEFAULT_CHUNKS: ChunkSettings = { target: 1200, max: 1800, overlap: 160 };

/** A row as a table would have it. Offsets count Unicode code points of the canonical text from 0. */
export interface Chunk {
  /** From 0. */
  chunk_no: number;
  /** Word for word the text from char_start to char_end. */
  content: string;
  char_start: number;
  char_end: number;
  page_number: number | null;
  page_end: number | null;
  heading_path: string[];
  content_hash: string;
}

interface Sizes {
  least: number;
  target: number;
  most: number;
  /** Smaller parts share a chunk with their neighbour. */
  small: number;
}

interface Span {
  /** Units from `first` up to `end`, without it. */
  first: number;
  end: number;
}

const WEIGHT = { cut: 0.35, size: 0.4, lot: 0.6 };

/** Where the part ends that begins at a unit: before the next highest heading, unless it is tiny. */
function endOfPart(units: Unit[], first: number, length: number, small: number): number {
  const from = units[first]?.start ?? 0;
  for (let at = first + 1; at < units.length; at += 1) {
    const unit = units[at];
    if (unit?.cut === CUT.topHeading && unit.start - from >= small) return at;
  }
  return length;
}

function nextCut(
  units: Unit[],
  first: number,
  partEnd: number,
  ends: number,
  sizes: Sizes,
): number {
  const from = units[first]?.start ?? 0;
  let best = partEnd, bestScore = Number.NEGATIVE_INFINITY;
  for (let at = first + 1; at < partEnd; at += 1) {
    const unit = units[at];
    if (!unit) break;
    const size = unit.start - from;
    if (size > sizes.most) break;
    const isCrumb = ends - unit.start < sizes.small;
    const score = unit.cut * WEIGHT.cut -
      Math.abs(size - sizes.target) / sizes.target * WEIGHT.size + unit.lot * WEIGHT.lot -
      // Rather a long rest than a crumb, rather a short chunk than a heading without its text.
      (isCrumb ? 1 : 0) - (size < sizes.least ? 4 : 0) - (unit.cut === CUT.belowHeading ? 10 : 0);
    if (score > bestScore) [best, bestScore] = [at, score];
  }
  return best;
}

function spansOf(units: Unit[], length: number, sizes: Sizes): Span[] {
  const spans: Span[] = [];
  const startOf = (at: number) => units[at]?.start ?? length;
  let partEnd = 0;
  for (let first = 0; first < units.length;) {
    if (first >= partEnd) partEnd = endOfPart(units, first, units.length, sizes.small);
    const fits = startOf(partEnd) - startOf(first) <= sizes.most;
    const end = fits ? partEnd : nextCut(units, first, partEnd, startOf(partEnd), sizes);
    spans.push({ first, end });
    first = end;
  }
  return spans;
}

/** The first unit that a chunk says again. */
function overlapStart(units: Unit[], { first }: Span, before: Span | undefined, overlap: number) {
  let at = first;
  const own = units[first]?.start ?? 0;
  if ((units[first]?.cut ?? CUT.topHeading) >= CUT.heading) return at;
  while (before && at - 1 > before.first && own - (units[at - 1]?.start ?? 0) <= overlap) {
    at -= 1;
    // Not across a heading, and not a heading alone.
    if ((units[at]?.cut ?? 0) >= CUT.heading) return at + 1;
  }
  return at;
}

function pageAt(block: PlacedBlock | undefined, at: number): number | null {
  if (!block || block.page === null) return null;
  return block.breaks?.findLast((brk) => brk.at <= at)?.page ?? block.page;
}

export async function chunkMaterial(
  { text, blocks }: Pick<Material, "text" | "blocks">,
  settings: Partial<ChunkSettings> = {},
): Promise<Chunk[]> {
  const { target, max, overlap } = { ...DEFAULT_CHUNKS, ...settings };
  if (!(target >= 40 && overlap >= 0 && overlap <= target / 2 && max >= target + overlap)) {
    throw new RangeError("chunks: 40 <= target, overlap <= target / 2, target + overlap <= max");
  }
  const least = Math.floor(target / 2), most = max - overlap;
  const sizes = { least, target, most, small: Math.floor(target / 3) };
  const units = unitsOf(blocks, most - least);
  const points = new CodePoints(text);
  const blockStarts: number[] = [];
  for (const unit of units) blockStarts[unit.block] ??= unit.start;

  const spans = spansOf(units, text.length, sizes);
  const chunks: Chunk[] = [];
  for (const [i, span] of spans.entries()) {
    const first = overlapStart(units, span, spans[i - 1], overlap);
    const start = units[first]?.start ?? 0;
    const content = text.slice(start, units[span.end]?.start ?? text.length).trimEnd();
    const end = start + content.length;
    const [opening, closing] = [units[first]?.block ?? 0, units[span.end - 1]?.block ?? 0];
    chunks.push({
      chunk_no: i,
      content,
      char_start: points.fromUnits(start),
      char_end: points.fromUnits(end),
      page_number: pageAt(blocks[opening], start - (blockStarts[opening] ?? 0)),
      page_end: pageAt(blocks[closing], end - 1 - (blockStarts[closing] ?? 0)),
      heading_path: blocks[units[span.first]?.block ?? 0]?.headingPath ?? [],
      content_hash: await sha256Hex(content),
    });
  }
  return chunks;
}
