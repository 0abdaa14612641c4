// The tiers behind the local reading: each may improve on what is there, or say why it did not. What a provider has said of
// the same bytes before is remembered, and costs nothing again.

import { AiError, isAiError } from "../../_shared/ai/errors.ts";
import type { AiCallEntry, RecordCall } from "../../_shared/ai/record.ts";
import type { ChatModel, ImageInput } from "../../_shared/ai/types.ts";
import { readDocumentSchema } from "../../_shared/ocr/delivery.ts";
import type { CloudOcr } from "../../_shared/ocr/index.ts";
import { sha256Hex } from "../../_shared/text/hash.ts";
import type { Block, ReadDocument } from "../../_shared/timetable/types.ts";
import { answerSchema, askModel, judgeAnswer, promptHash } from "./llm.ts";
import type { Begun, TimetableStore } from "./store.ts";

export interface TierDeps {
  store: Pick<TimetableStore, "cached" | "remember" | "download">;
  recordCall: RecordCall;
}

export interface TierRequest {
  document: Extract<Begun, { proceed: true }>;
  resourceId?: string;
  signal: AbortSignal;
}

const CLOUD = "timetable.cloud_ocr";
const MODEL = "timetable.llm";

async function recordReading(
  { recordCall }: TierDeps,
  cloud: CloudOcr,
  { document, resourceId }: TierRequest,
  started: number,
  end: { attempts: number; costMicroUsd: number | null; error?: unknown },
): Promise<void> {
  const { error } = end;
  const entry: AiCallEntry = {
    provider: cloud.provider,
    model: cloud.model,
    purpose: CLOUD,
    resource_id: resourceId ?? null,
    status: error === undefined ? "ok" : "error",
    error_code: error === undefined ? null : isAiError(error) ? error.code : "unexpected",
    input_tokens: 0,
    output_tokens: 0,
    cached_input_tokens: 0,
    cost_micro_usd: end.costMicroUsd,
    latency_ms: Math.round(performance.now() - started),
    attempts: end.attempts,
    input_sha256: document.sha256,
    input_chars: 0,
    output_sha256: null,
    output_chars: null,
  };
  // A record that cannot be written must not cost the reading.
  await Promise.resolve(recordCall(entry)).catch(() => undefined);
}

/** Tier 2: the document as a service in the cloud reads it. */
export async function readInCloud(
  deps: TierDeps,
  cloud: CloudOcr,
  request: TierRequest,
): Promise<{ document: ReadDocument; isCached: boolean }> {
  const { document, signal } = request;
  const key = await sha256Hex(JSON.stringify([document.sha256, cloud.provider, cloud.model]));
  const known = readDocumentSchema.safeParse(await deps.store.cached(CLOUD, key));
  if (known.success) return { document: known.data, isCached: true };

  const bytes = await deps.store.download(document.bucket_id, document.path);
  const started = performance.now();
  try {
    const reading = await cloud.read({ bytes, mimeType: document.mime_type, signal });
    await recordReading(deps, cloud, request, started, reading);
    await deps.store.remember(CLOUD, key, reading.document);
    return { document: reading.document, isCached: false };
  } catch (error) {
    const attempts = error instanceof AiError ? error.attempts : 1;
    await recordReading(deps, cloud, request, started, { attempts, costMicroUsd: null, error });
    throw error;
  }
}

export interface Reader {
  chat: ChatModel;
  /** The model can see: pictures are shown to it, besides what was read from them. */
  canSee: boolean;
}

/** The largest picture that is shown; beyond it the text has to do. */
const MOST_IMAGE_BYTES = 8 * 1024 * 1024;

async function imageOf(
  { store }: TierDeps,
  { document }: TierRequest,
): Promise<ImageInput | null> {
  const { mime_type: mimeType } = document;
  if (mimeType !== "image/png" && mimeType !== "image/jpeg") return null;
  const bytes = await store.download(document.bucket_id, document.path);
  if (bytes.length > MOST_IMAGE_BYTES) return null;
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return { mimeType, base64: btoa(binary) };
}

export type ModelOutcome =
  | { ok: true; blocks: Block[]; isCached: boolean }
  | { ok: false; reason: string; isCached: boolean };

/** Tier 3: the blocks as a language model reads them, where the page bears them out. */
export async function readByModel(
  deps: TierDeps,
  { chat, canSee }: Reader,
  request: TierRequest,
  known: { pages: ReadDocument["pages"]; blocks: Block[] },
): Promise<ModelOutcome> {
  const { document, resourceId, signal } = request;
  const { sha256, threshold } = document;
  const prompt = await promptHash(chat.model, canSee);
  const key = await sha256Hex(JSON.stringify([sha256, prompt]));
  const judged = { pages: known.pages, known: known.blocks, threshold };

  const remembered = answerSchema.safeParse(await deps.store.cached(MODEL, key));
  if (remembered.success) {
    return { ...judgeAnswer(remembered.data.blocks, judged), isCached: true };
  }
  const image = canSee ? await imageOf(deps, request) : null;
  const answer = await askModel(chat, { ...judged, sha256, image, resourceId, signal });
  // Also one that is thrown away: asking again would give the same, and cost the same.
  await deps.store.remember(MODEL, key, { blocks: answer });
  return { ...judgeAnswer(answer, judged), isCached: false };
}
