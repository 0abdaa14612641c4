// ocr.read_image: the text in a picture of a question. What is no picture, or says nothing, has the empty text: the
// question goes on, and its expert sees the picture.
import { done, type JobHandler } from "../../functions/_shared/jobs/types.ts";
import { inspectImage } from "../../functions/_shared/text/sniff.ts";
import type { OcrEngine, OcrLine } from "./engine/types.ts";
import { ReadError } from "./errors.ts";
import { loadImage } from "./image/raster.ts";
import type { EngineHolder } from "./worker-engine.ts";
import { type ReadingStore, textOf } from "./worker-store.ts";

export interface ImageDeps {
  store: ReadingStore;
  engines: EngineHolder;
}

export interface ImageText {
  text: string;
  /** 0 to 1. */
  confidence: number;
}

const NOTHING: ImageText = { text: "", confidence: 0 };

/** Below this a word is more often dirt than a word. */
const LEAST_CONFIDENCE = 0.4;

function joined(lines: OcrLine[]): ImageText {
  const words = lines.flatMap((line) => line.words)
    .filter((word) => word.confidence >= LEAST_CONFIDENCE && /[\p{L}\p{N}]/u.test(word.text));
  if (words.length === 0) return NOTHING;
  const kept = new Set(words);
  const text = lines
    .map((line) =>
      line.words.filter((word) => kept.has(word) || /^[^\p{L}\p{N}\s]{1,3}$/u.test(word.text))
        .map((word) => word.text).join(" ")
    )
    .filter((line) => /[\p{L}\p{N}]/u.test(line)).join("\n");
  const letters = words.reduce((sum, word) => sum + word.text.length, 0);
  const sure = words.reduce((sum, word) => sum + word.confidence * word.text.length, 0);
  return { text, confidence: Math.min(1, sure / letters) };
}

/** Read as one block of lines, as questions are set; what is scattered over a drawing is looked for when that fails. */
export async function readImageText(
  bytes: Uint8Array,
  engine: () => Promise<OcrEngine>,
): Promise<ImageText> {
  if (!inspectImage(bytes).ok) return NOTHING;
  try {
    const { width, height, gray } = await loadImage(bytes);
    const reader = await engine();
    const picture = { width, height, data: gray };
    const asBlock = joined(await reader.read(picture, { layout: "block" }));
    if (asBlock.confidence >= 0.75) return asBlock;
    const scattered = joined(await reader.read(picture, { layout: "scattered" }));
    const worth = ({ text, confidence }: ImageText) => text.length * confidence ** 2;
    return worth(scattered) > worth(asBlock) ? scattered : asBlock;
  } catch (error) {
    if (error instanceof ReadError) return NOTHING;
    throw error;
  }
}

export const readQuestionImage = ({ store, engines }: ImageDeps): JobHandler => async (job) => {
  const bytes = await store.download(textOf(job, "bucket_id"), textOf(job, "path"));
  const { text, confidence } = bytes
    ? await engines.during((engine) => readImageText(bytes, engine))
    : NOTHING;
  await store.recordImageText(job, text, Math.round(confidence * 1000) / 1000);
  return done({ characters: text.length, confidence });
};
