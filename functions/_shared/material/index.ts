// Study material: from the bytes of a file to its text, its structure and chunks of it. The same bytes always
// make the same chunks. Nothing in a file is run or fetched.

export { assemble, BETWEEN_BLOCKS } from "./assemble.ts";
export { type Chunk, chunkMaterial, type ChunkSettings, DEFAULT_CHUNKS } from "./chunks.ts";
export { CodePoints, sliceCodePoints } from "./code-points.ts";
export { type ChunkChanges, diffChunks, type StoredChunk } from "./diff.ts";
export { type MaterialCode, materialCodes, MaterialError } from "./errors.ts";
export { detectFormat, type FileNaming } from "./format.ts";
export { guessLanguage } from "./language.ts";
export { DEFAULT_LIMITS, type MaterialLimits, type SomeLimits } from "./limits.ts";
export { parseBlocks, parseMaterial } from "./parse.ts";
export { assemblePdf } from "./pdf/assemble.ts";
export type { PdfOptions } from "./pdf/open.ts";
export { openPdfReader, parsePdfPages, type PdfRange } from "./pdf/read.ts";
export { pageOfRecognised, type RecognisedPage } from "./pdf/recognised.ts";
export type { PdfInfo, PdfLine, PdfOutlineItem, PdfPage } from "./pdf/types.ts";
export { suggestTags } from "./tags.ts";
export { type KnownTopic, type SuggestedTopic, suggestTopics } from "./topics.ts";
export type {
  Block,
  BlockKind,
  Language,
  Material,
  MaterialFormat,
  PageBreak,
  Parsed,
  PlacedBlock,
} from "./types.ts";
