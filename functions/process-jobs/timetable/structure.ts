// timetable.structure: pages become blocks. What the local reading is sure of needs nothing else; below the threshold the
// cloud and then a language model may help, where they are set up. What stays unsure goes to a person.

import { isAiError } from "../../_shared/ai/errors.ts";
import { done, failed, type Job, type JobHandler } from "../../_shared/jobs/types.ts";
import type { CloudOcr } from "../../_shared/ocr/index.ts";
import type { Block, Page, ReadDocument } from "../../_shared/timetable/types.ts";
import { applyCorrections, confidenceOf, forRecord, layoutHashOf } from "./blocks.ts";
import type { Begun, Tier, TimetableStore } from "./store.ts";
import { readByModel, type Reader, readInCloud, type TierDeps, type TierRequest } from "./tiers.ts";

export interface StructureDeps extends TierDeps {
  store: TimetableStore;
  structure(document: ReadDocument): Block[];
  /** Made when it is needed: a wrong setting of a tier is no reason to leave a document unread. */
  cloud(): CloudOcr | null;
  reader(): Reader | null;
}

interface Reading {
  tier: Tier;
  pages: Page[];
  blocks: Block[];
  layoutHash: string;
}

type Document = Extract<Begun, { proceed: true }>;

/** A tier failed in a way that may pass: the job is tried again as a whole. */
class TryAgain extends Error {
  readonly afterSeconds: number | undefined;
  constructor(message: string, afterSeconds: number | undefined) {
    super(message);
    this.afterSeconds = afterSeconds;
  }
}

async function reading(
  { store, structure }: StructureDeps,
  tier: Tier,
  document: ReadDocument,
): Promise<Reading> {
  const read = structure(document);
  const layoutHash = await layoutHashOf(document.pages, read);
  const corrections = await store.correctionsOf(layoutHash);
  const blocks = applyCorrections(read, corrections);
  return { tier, pages: document.pages, blocks, layoutHash };
}

/** Sure of much beats sure of little: a reading that found half as much has to be twice as sure. */
const better = (a: Reading, b: Reading): Reading => {
  const most = Math.max(a.blocks.length, b.blocks.length, 1);
  const worth = ({ blocks }: Reading) => confidenceOf(blocks) * blocks.length / most;
  return worth(b) > worth(a) ? b : a;
};

async function read(deps: StructureDeps, job: Job, document: Document, signal: AbortSignal) {
  const { pages, engine, threshold } = document;
  const request: TierRequest = { document, resourceId: job.resource_id ?? undefined, signal };
  const notes: Record<string, string> = {};
  let best = await reading(deps, document.tier ?? "tesseract", { pages, engine });
  const isUnsure = () => confidenceOf(best.blocks) < threshold;

  /** A tier that fails for good is passed over; one whose failure may pass is waited for, within the job's attempts. */
  const attempt = async (name: string, work: () => Promise<string | null>) => {
    if (!isUnsure()) return;
    try {
      const said = await work();
      if (said !== null) notes[name] = said;
    } catch (error) {
      signal.throwIfAborted();
      if (!isAiError(error)) throw error;
      if (error.retryable && job.attempts < job.max_attempts) {
        throw new TryAgain(`${name}: ${error.code}: ${error.message}`, error.retryAfterSeconds);
      }
      notes[name] = error.code;
    }
  };

  await attempt("cloud_ocr", async () => {
    const cloud = deps.cloud();
    if (!cloud) return null;
    const found = await readInCloud(deps, cloud, request);
    best = better(best, await reading(deps, "cloud_ocr", found.document));
    return found.isCached ? "cached" : "read";
  });
  await attempt("llm", async () => {
    const reader = deps.reader();
    if (!reader) return null;
    await deps.store.stage(job, "llm_processing", 85);
    const outcome = await readByModel(deps, reader, request, best);
    if (!outcome.ok) return outcome.reason;
    best = { ...best, tier: "llm", blocks: outcome.blocks };
    return outcome.isCached ? "cached" : "read";
  });
  return { best, notes };
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

export const structureTimetable = (deps: StructureDeps): JobHandler => async (job, signal) => {
  const { store } = deps;
  const document = await store.begin(job);
  if (!document.proceed) return done({ skipped: document.status ?? "gone" });
  try {
    const { best, notes } = await read(deps, job, document, signal);
    const recorded = await store.record(job, {
      layoutHash: best.layoutHash,
      blocks: forRecord(best.blocks, best.pages),
      tier: best.tier,
      confidence: Math.round(confidenceOf(best.blocks) * 1000) / 1000,
    });
    return done({ ...recorded, tier: best.tier, ...notes });
  } catch (error) {
    if (error instanceof TryAgain) return failed(error.message, true, error.afterSeconds);
    if (signal.aborted || codeOf(error) === "lease_lost") throw error;
    if (job.attempts < job.max_attempts) throw error;
    const message = "The document was read, but not understood. The fault is ours.";
    await store.fail(job, "structuring_failed", message);
    throw error;
  }
};
