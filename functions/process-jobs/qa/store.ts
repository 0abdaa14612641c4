import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database, Json } from "../../_shared/db/types.ts";
import { StageError, unwrap } from "../../_shared/jobs/stage.ts";
import type { Job } from "../../_shared/jobs/types.ts";
import type { FoundPassage } from "../../_shared/retrieval/rank.ts";

export type { FoundPassage };

export type QuestionImage = {
  file_id: string;
  bucket_id: string;
  path: string;
  mime_type: string | null;
  status: "pending" | "clean" | "rejected";
  rejected_reason: string | null;
  extracted_text: string | null;
};

export type Generation =
  | { proceed: false }
  | {
    proceed: true;
    question_type: "text" | "image" | "mixed";
    content: string;
    topic_id: string | null;
    revision: number;
    notes: string | null;
    images: QuestionImage[];
  };

export type StoredCitation = {
  position: number;
  document_id: string | null;
  title: string;
  quote: string;
  locator: Json;
};

export type Humanization =
  | { proceed: false }
  | { proceed: true; version_id: string; content: string; citations: StoredCitation[] };

export type GeneratedAnswer = {
  content: string;
  citations: { document_id: string; title: string; quote: string; locator: Json }[];
  provider: string;
  model: string;
  confidence: number;
  isCovered: boolean;
};

export type HumanizedAnswer = {
  originalVersionId: string;
  service: string;
  status: "success" | "failed" | "skipped";
  content?: string;
  changes: number;
  milliseconds: number;
  error?: string;
};

export type QaStore = ReturnType<typeof createQaStore>;

/** The stages as the database offers them: each call carries the job's lease. */
export function createQaStore(admin: SupabaseClient<Database>) {
  const qa = admin.schema("qa");
  const lease = (job: Job) => ({
    p_question_id: questionOf(job),
    p_job_id: job.id,
    p_lease_token: job.lease_token,
  });

  return {
    beginGeneration: async (job: Job) =>
      unwrap(await qa.rpc("begin_generation", lease(job))) as unknown as Generation,

    recordAnswer: async (job: Job, answer: GeneratedAnswer) =>
      unwrap(
        await qa.rpc("record_generated_answer", {
          ...lease(job),
          p_content: answer.content,
          p_citations: answer.citations,
          p_provider: answer.provider,
          p_model: answer.model,
          p_confidence: answer.confidence,
          p_is_covered: answer.isCovered,
        }),
      ),

    rejectUnreadable: async (job: Job, reason: string) =>
      unwrap(await qa.rpc("reject_unreadable", { ...lease(job), p_reason: reason })),

    beginHumanization: async (job: Job) =>
      unwrap(await qa.rpc("begin_humanization", lease(job))) as unknown as Humanization,

    recordHumanized: async (job: Job, answer: HumanizedAnswer) =>
      unwrap(
        await qa.rpc("record_humanized_answer", {
          ...lease(job),
          p_original_version_id: answer.originalVersionId,
          p_service_name: answer.service,
          p_status: answer.status,
          p_content: answer.content,
          p_changes_made: answer.changes,
          p_processing_time_ms: answer.milliseconds,
          p_error_message: answer.error,
        }),
      ),

    checkOriginality: async (job: Job) => unwrap(await qa.rpc("check_originality", lease(job))),
    assignExpert: async (job: Job) => unwrap(await qa.rpc("assign_expert", lease(job))),
    deliverAnswer: async (job: Job) => unwrap(await qa.rpc("deliver_answer", lease(job))),

    /** Course material and answers whose clients consented: what anybody who is signed in may read. */
    retrieve: async (query: string, topicId: string | null, limit: number) =>
      unwrap(
        await admin.schema("core").rpc("retrieve_passages", {
          p_query: query,
          p_kinds: ["passage", "qa_answer"],
          p_topic_id: topicId ?? undefined,
          p_limit: limit,
        }),
      ) as FoundPassage[],
  };
}

function questionOf(job: Job): string {
  const id = job.payload.question_id;
  if (typeof id !== "string") {
    throw new StageError("malformed_job", "payload.question_id is missing");
  }
  return id;
}
