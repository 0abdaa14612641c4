// study.ingest: parse, cut, embed, and swap in. One run does what its time allows and enqueues the next, so that a
// book of a thousand pages holds nobody up. Each stage begins where the one before left off.

import { isAiError, mayRetry } from "../../_shared/ai/errors.ts";
import type { EmbeddingModel } from "../../_shared/ai/types.ts";
import { vectorLiteral } from "../../_shared/ai/vectors.ts";
import { done, type Job, type JobHandler, type JobOutcome } from "../../_shared/jobs/types.ts";
import {
  chunkMaterial,
  type Language,
  MaterialError,
  suggestTags,
  suggestTopics,
} from "../../_shared/material/index.ts";
import { pageBreaksOf } from "./pages.ts";
import { assembleParts, type Clock, isRead, NeedsOcr, readMaterial } from "./parse.ts";
import type { Draft, StudyStore, Work } from "./store.ts";

const CHUNKS_AT_ONCE = 200;
const EMBED_AT_ONCE = 64;

/** The names that Postgres' text search has for them. */
const CONFIGURATIONS: Record<Language, string> = {
  ...{ en: "english", de: "german", fr: "french", es: "spanish", simple: "simple" },
};

export interface IngestDeps {
  store: StudyStore;
  embeddings: EmbeddingModel;
  /** How long one run works before it lets others go first. */
  budgetMs?: number;
}

/** The text that stands for a passage: under which headings it was found says much of what it is about. */
export const textToEmbed = (
  { content, heading_path }: Pick<Draft, "content" | "heading_path">,
  title: string,
): string => [title, ...heading_path, content].join("\n");

async function cut({ store }: IngestDeps, job: Job, work: Work): Promise<boolean> {
  const material = assembleParts(await store.readParts(job), work);
  const chunks = await chunkMaterial(material);
  const breaks = pageBreaksOf(material, chunks);
  const rows = chunks.map((chunk, i) => ({ ...chunk, page_breaks: breaks[i] ?? [] }));
  const topics = suggestTopics(material.text, await store.topics());
  const best = topics[0]?.score ?? 1;
  const facts = {
    language: CONFIGURATIONS[material.language],
    character_count: chunks.at(-1)?.char_end ?? 0,
    topics: topics.map(({ id, score }) => ({ id, confidence: score / best })),
    tags: suggestTags(material.text, material.language),
  };
  for (let at = 0; at < rows.length; at += CHUNKS_AT_ONCE) {
    const isLast = at + CHUNKS_AT_ONCE >= rows.length;
    const some = rows.slice(at, at + CHUNKS_AT_ONCE);
    if (!await store.putChunks(job, { ...facts, is_last: isLast }, some)) return false;
  }
  return true;
}

/** True once nothing is left without a vector. */
async function embed(deps: IngestDeps, job: Job, work: Work, clock: Clock): Promise<boolean> {
  const { store, embeddings } = deps;
  for (;;) {
    const drafts = await store.nextDrafts(job, EMBED_AT_ONCE);
    if (drafts.length === 0) return true;
    const { vectors } = await embeddings.embed(drafts.map((d) => textToEmbed(d, work.title)), {
      kind: "document",
      purpose: "study.embed",
      resourceId: work.material_id,
      signal: clock.signal,
    });
    const rows = drafts.map(({ chunk_no }, i) => ({
      chunk_no,
      embedding: vectorLiteral(vectors[i] ?? []),
    }));
    if (!await store.putVectors(job, embeddings.model, rows)) return true;
    // After a batch, and not before one: each run has something to show.
    if (clock.isOver()) return false;
  }
}

/**
 * While another model is in use, the new one's vectors are made behind it: passages come in without, are found by
 * their words, and get theirs from study.embed. The same where the provider refuses for good.
 */
async function mayEmbed({ store, embeddings }: IngestDeps): Promise<boolean> {
  const { model, provider, dimensions } = embeddings;
  return (await store.useModel(model, provider, dimensions)).status === "active";
}

async function work(deps: IngestDeps, job: Job, begun: Work, clock: Clock): Promise<JobOutcome> {
  const { store } = deps;
  const goOn = async (stage: string) => {
    await store.goOn(job);
    return done({ stage, continues: true });
  };
  if (begun.status === "ocr") return done({ stage: "ocr", waits: true });
  if (begun.status === "parsing") {
    const reading = await readMaterial(store, job, begun, clock);
    if (reading === "over") return done({ skipped: true });
    if (reading === "waits") return done({ stage: "ocr", waits: true });
    // What was read before this run is cut in it, however long that takes.
    const wasRead = reading === "read" && !clock.isOver() || isRead(begun);
    if (!wasRead) return await goOn("parsing");
  }
  if (begun.status !== "embedding" && !await cut(deps, job, begun)) return done({ skipped: true });
  if (await mayEmbed(deps)) {
    try {
      if (!await embed(deps, job, begun, clock)) return await goOn("embedding");
    } catch (error) {
      if (!isAiError(error) || mayRetry(error) && job.attempts < job.max_attempts) throw error;
    }
  }
  return done(await store.finish(job));
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

export const ingestMaterial = (deps: IngestDeps): JobHandler => async (job, signal) => {
  const begun = await deps.store.begin(job);
  if (!begun.proceed) return done({ skipped: true });
  const end = performance.now() + (deps.budgetMs ?? 20_000);
  const clock: Clock = { signal, isOver: () => performance.now() > end };
  const giveUp = async (code: string, message: string) => {
    await deps.store.fail(job, code, message);
    return done({ failed: code });
  };
  // What stopped the workers before this one would stop it, too.
  const stopsWorkers = job.error_message?.startsWith("lease_expired") ?? false;
  if (job.attempts >= job.max_attempts && stopsWorkers) {
    return await giveUp("material_too_complex", "Reading it stopped the workers that tried.");
  }
  try {
    return await work(deps, job, begun, clock);
  } catch (error) {
    if (signal.aborted || codeOf(error) === "lease_lost") throw error;
    if (error instanceof MaterialError || error instanceof NeedsOcr) {
      return await giveUp(
        error.code,
        [error.message, "detail" in error ? error.detail : ""].join(" "),
      );
    }
    if (job.attempts < job.max_attempts) throw error;
    return await giveUp("material_failed", "It could not be taken in. The fault is ours.");
  }
};
