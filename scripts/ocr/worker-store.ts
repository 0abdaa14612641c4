// The server as the worker sees it: RPCs that carry the lease of the job, and the files it is about.
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../functions/_shared/db/types.ts";
import { StageError, unwrap } from "../../functions/_shared/jobs/stage.ts";
import type { Job } from "../../functions/_shared/jobs/types.ts";
import type { FileType } from "../../functions/_shared/ocr/delivery.ts";

export type Begun =
  | { proceed: false; status?: string | null }
  | {
    proceed: true;
    document_id: string;
    bucket_id: string;
    path: string;
    /** Pages that a worker before us has delivered. */
    pages_done: number[];
  };

export interface FileFacts {
  sha256: string;
  mimeType: FileType;
  size: number;
  pages: number;
}

export type Registered = { proceed: boolean; is_cached?: boolean; status?: string | null };

export interface ReadingStore {
  begin(job: Job): Promise<Begun>;
  /** proceed false: these bytes were read before, and nothing is left to do. */
  recordFile(job: Job, file: FileFacts): Promise<Registered>;
  recordStage(job: Job, status: "preprocessing" | "ocr", progress: number): Promise<void>;
  /** Null when there is no such file any more. */
  download(bucket: string, path: string): Promise<Uint8Array | null>;
  recordImageText(job: Job, text: string, confidence: number): Promise<void>;
  /** Says that somebody works on these types. */
  callIn(worker: string, jobTypes: readonly string[]): Promise<void>;
}

const lease = (job: Job) => ({ p_job_id: job.id, p_lease_token: job.lease_token });

const isMissing = (error: { message: string; status?: unknown; statusCode?: unknown }): boolean =>
  String(error.statusCode) === "404" || error.status === 404 || /not found/i.test(error.message);

export function textOf(job: Job, key: string): string {
  const value = job.payload[key];
  if (typeof value === "string") return value;
  throw new StageError("malformed_job", `payload.${key} is missing`);
}

export function createReadingStore(admin: SupabaseClient<Database>): ReadingStore {
  const timetable = admin.schema("timetable");
  return {
    begin: async (job) =>
      unwrap(await timetable.rpc("begin_reading", lease(job))) as unknown as Begun,

    recordFile: async (job, file) =>
      unwrap(
        await timetable.rpc("record_file", {
          ...lease(job),
          p_sha256: file.sha256,
          p_mime: file.mimeType,
          p_size: file.size,
          p_pages: file.pages,
        }),
      ) as unknown as Registered,

    recordStage: async (job, status, progress) => {
      const stage = { p_status: status, p_progress: Math.round(progress) };
      unwrap(await timetable.rpc("record_stage", { ...lease(job), ...stage }));
    },

    download: async (bucket, path) => {
      const { data, error } = await admin.storage.from(bucket).download(path);
      if (!error) return new Uint8Array(await data.arrayBuffer());
      if (isMissing(error)) return null;
      throw new Error(`storage: ${error.message}`);
    },

    recordImageText: async (job, text, confidence) => {
      unwrap(
        await admin.schema("qa").rpc("record_image_text", {
          ...lease(job),
          p_question_id: textOf(job, "question_id"),
          p_file_id: textOf(job, "file_id"),
          p_text: text,
          p_confidence: confidence,
        }),
      );
    },

    callIn: async (worker, jobTypes) => {
      unwrap(
        await admin.schema("core").rpc("call_in", {
          p_worker: worker,
          p_job_types: [...jobTypes],
        }),
      );
    },
  };
}
