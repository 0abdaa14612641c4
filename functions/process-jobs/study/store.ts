import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database, Json } from "../../_shared/db/types.ts";
import { StageError, unwrap } from "../../_shared/jobs/stage.ts";
import type { Job } from "../../_shared/jobs/types.ts";
import type { KnownTopic } from "../../_shared/material/index.ts";

const begunSchema = z.union([
  z.object({ proceed: z.literal(false) }),
  z.object({
    proceed: z.literal(true),
    material_id: z.string(),
    status: z.enum(["parsing", "ocr", "chunking", "embedding"]),
    bucket_id: z.string(),
    path: z.string(),
    file_type: z.string(),
    file_name: z.string(),
    title: z.string(),
    page_count: z.number().nullable(),
    parts_done: z.number(),
  }),
]);
export type Begun = z.infer<typeof begunSchema>;
export type Work = Extract<Begun, { proceed: true }>;

const partSchema = z.object({
  part_no: z.number(),
  page_number: z.number().nullable(),
  blocks: z.array(z.unknown()),
  status: z.enum(["read", "needs_ocr", "unreadable"]),
});
export type Part = z.infer<typeof partSchema>;

const draftSchema = z.object({
  chunk_no: z.number(),
  content: z.string(),
  heading_path: z.array(z.string()),
});
export type Draft = z.infer<typeof draftSchema>;

const missingSchema = z.object({
  model: z.string().nullable(),
  chunks: z.array(z.object({
    chunk_id: z.string(),
    content: z.string(),
    heading_path: z.array(z.string()),
    content_hash: z.string(),
    title: z.string(),
  })),
});

const putSchema = z.object({ proceed: z.boolean() });

/** What is known of the file once its first part is there. */
export interface FileFacts {
  sha256: string;
  pageCount: number | null;
}

const PARTS_AT_ONCE = 50;

export type StudyStore = ReturnType<typeof createStudyStore>;

/** The stages as the database offers them: each call carries the job's lease. Only the secret key may. */
export function createStudyStore(admin: SupabaseClient<Database>) {
  const study = admin.schema("study");
  const lease = (job: Job) => ({ p_job_id: job.id, p_lease_token: job.lease_token });
  const json = (value: unknown) => value as Json;

  return {
    begin: async (job: Job) =>
      begunSchema.parse(unwrap(await study.rpc("begin_ingest", lease(job)))),

    download: async (bucket: string, path: string): Promise<Uint8Array | null> => {
      const { data, error } = await admin.storage.from(bucket).download(path);
      if (data) return new Uint8Array(await data.arrayBuffer());
      const { data: isThere } = await admin.storage.from(bucket).exists(path);
      if (isThere) throw new StageError("file_unavailable", error?.message ?? "");
      return null;
    },

    /** False: it ended, as a duplicate, unchanged, or because a newer version came. */
    putParts: async (job: Job, parts: Part[], progress: number, facts: FileFacts) =>
      putSchema.parse(unwrap(
        await study.rpc("put_material_pages", {
          ...lease(job),
          p_parts: json(parts),
          p_progress: Math.round(progress),
          p_sha256: facts.sha256,
          p_page_count: facts.pageCount ?? undefined,
        }),
      )).proceed,

    readParts: async (job: Job): Promise<Part[]> => {
      const all: Part[] = [];
      for (;;) {
        const parts = z.array(partSchema).parse(unwrap(
          await study.rpc("read_material_pages", {
            ...lease(job),
            p_from_part: (all.at(-1)?.part_no ?? -1) + 1,
            p_limit: PARTS_AT_ONCE,
          }),
        ));
        all.push(...parts);
        if (parts.length < PARTS_AT_ONCE) return all;
      }
    },

    /** True: the OCR worker goes on. False: there is none, and these pages are left out. */
    requestOcr: async (job: Job) =>
      z.object({ proceed: z.boolean(), waits: z.boolean().optional() })
        .parse(unwrap(await study.rpc("request_ocr", lease(job)))),

    topics: async (): Promise<KnownTopic[]> => {
      const { data, error } = await admin.schema("core").from("topics")
        .select("id, slug, name, topic_synonyms(synonym)")
        .eq("is_active", true).is("merged_into_id", null).order("id").limit(1000);
      if (error) throw new StageError(error.message, error.details ?? "");
      return data.map(({ topic_synonyms, ...topic }) => ({
        ...topic,
        slug: String(topic.slug),
        synonyms: topic_synonyms.map(({ synonym }) => String(synonym)),
      }));
    },

    putChunks: async (job: Job, facts: Record<string, unknown>, chunks: unknown[]) =>
      putSchema.parse(unwrap(
        await study.rpc("put_material_chunks", {
          ...lease(job),
          p_facts: json(facts),
          p_chunks: json(chunks),
        }),
      )).proceed,

    useModel: async (model: string, provider: string, dimensions: number) =>
      unwrap(
        await study.rpc("use_embedding_model", {
          p_model: model,
          p_provider: provider,
          p_dimensions: dimensions,
        }),
      ) as unknown as { model: string; status: string },

    nextDrafts: async (job: Job, limit: number): Promise<Draft[]> =>
      z.array(draftSchema).parse(
        unwrap(await study.rpc("next_drafts", { ...lease(job), p_limit: limit })),
      ),

    putVectors: async (
      job: Job,
      model: string,
      vectors: { chunk_no: number; embedding: string }[],
    ) =>
      putSchema.parse(unwrap(
        await study.rpc("put_vectors", { ...lease(job), p_model: model, p_vectors: json(vectors) }),
      )).proceed,

    finish: async (job: Job) =>
      unwrap(await study.rpc("finish_ingest", lease(job))) as Record<string, unknown>,

    fail: async (job: Job, code: string, message: string): Promise<void> => {
      unwrap(
        await study.rpc("fail_ingest", {
          ...lease(job),
          p_error_code: code,
          p_error_message: message,
        }),
      );
    },

    /** Another run goes on, behind whatever else waits. */
    goOn: async (job: Job): Promise<void> => {
      unwrap(await study.rpc("continue_ingest", lease(job)));
    },

    nextMissing: async (job: Job, limit: number) =>
      missingSchema.parse(
        unwrap(await study.rpc("next_missing_vectors", { ...lease(job), p_limit: limit })),
      ),

    putMissing: async (
      job: Job,
      model: string,
      vectors: { chunk_id: string; content_hash: string; embedding: string }[],
    ): Promise<void> => {
      unwrap(
        await study.rpc("put_missing_vectors", {
          ...lease(job),
          p_model: model,
          p_vectors: json(vectors),
        }),
      );
    },
  };
}
