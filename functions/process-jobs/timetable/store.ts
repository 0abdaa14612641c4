import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database, Json } from "../../_shared/db/types.ts";
import { StageError, unwrap } from "../../_shared/jobs/stage.ts";
import type { Job } from "../../_shared/jobs/types.ts";
import type { FileType } from "../../_shared/ocr/delivery.ts";
import type { Block, Page } from "../../_shared/timetable/types.ts";

export type Tier = "tesseract" | "text_layer" | "cloud_ocr" | "llm";

export interface Correction {
  field: string;
  read: string;
  corrected: string;
}

export type Begun =
  | { proceed: false; status?: string | null }
  | {
    proceed: true;
    document_id: string;
    sha256: string;
    bucket_id: string;
    path: string;
    mime_type: FileType;
    tier: Tier | null;
    engine: string;
    threshold: number;
    pages: Page[];
  };

/** A block as the database takes it: its box in shares of the page. */
export type RecordedBlock = Omit<Block, "accepted"> & {
  /** What the machine read, before a correction of this layout was applied. */
  read?: { name?: string; time?: string; day?: string };
};

export interface Recorded {
  recorded: boolean;
  status?: string;
  blocks?: number;
  unsure?: number;
}

export interface BlocksToRecord {
  layoutHash: string;
  blocks: RecordedBlock[];
  tier: Tier;
  confidence: number;
}

export type TimetableStore = ReturnType<typeof createTimetableStore>;

/** The stages as the database offers them: each call carries the job's lease. */
export function createTimetableStore(admin: SupabaseClient<Database>) {
  const timetable = admin.schema("timetable");
  const core = admin.schema("core");
  const lease = (job: Job) => ({ p_job_id: job.id, p_lease_token: job.lease_token });

  return {
    begin: async (job: Job) =>
      unwrap(await timetable.rpc("begin_structure", lease(job))) as unknown as Begun,

    correctionsOf: async (layoutHash: string) =>
      unwrap(
        await timetable.rpc("layout_corrections_of", { p_layout_hash: layoutHash }),
      ) as unknown as Correction[],

    stage: async (job: Job, status: "llm_processing", progress: number): Promise<void> => {
      const stage = { p_status: status, p_progress: progress };
      unwrap(await timetable.rpc("record_stage", { ...lease(job), ...stage }));
    },

    record: async (job: Job, { layoutHash, blocks, tier, confidence }: BlocksToRecord) =>
      unwrap(
        await timetable.rpc("record_blocks", {
          ...lease(job),
          p_layout_hash: layoutHash,
          p_blocks: blocks as unknown as Json,
          p_tier: tier,
          p_confidence: confidence,
        }),
      ) as unknown as Recorded,

    fail: async (job: Job, code: string, message: string): Promise<void> => {
      const reason = { p_code: code, p_message: message };
      unwrap(await timetable.rpc("fail_reading", { ...lease(job), ...reason }));
    },

    download: async (bucket: string, path: string): Promise<Uint8Array<ArrayBuffer>> => {
      const { data, error } = await admin.storage.from(bucket).download(path);
      if (error) throw new StageError("file_unavailable", error.message);
      return new Uint8Array(await data.arrayBuffer());
    },

    cached: async (namespace: string, key: string): Promise<unknown> =>
      unwrap(await core.rpc("cache_get", { p_namespace: namespace, p_key: key })),

    remember: async (namespace: string, key: string, value: unknown): Promise<void> => {
      unwrap(
        await core.rpc("cache_put", {
          p_namespace: namespace,
          p_key: key,
          p_value: value as Json,
        }),
      );
    },
  };
}
