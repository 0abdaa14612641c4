import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../_shared/db/types.ts";
import { StageError, unwrap } from "../../_shared/jobs/stage.ts";
import type { Job } from "../../_shared/jobs/types.ts";
import type { FoundPassage } from "../../_shared/retrieval/rank.ts";

export type Begun =
  | { proceed: false; status?: string; error_code?: string }
  | { proceed: true; question_id: string; title: string; content: string };

export type WrittenAnswer = {
  text: string;
  citations: { document_id: string; quote: string }[];
  isCovered: boolean;
  confidence: number;
  provider: string;
  model: string;
  tokens: number;
  milliseconds: number;
};

export type Recorded = { recorded: boolean; status?: string; error_code?: string };

export type SocialStore = ReturnType<typeof createSocialStore>;

/** The stages of an AI answer as the database offers them: each call carries the job's lease. */
export function createSocialStore(admin: SupabaseClient<Database>) {
  const social = admin.schema("social");
  const lease = (job: Job) => ({
    p_ai_answer_id: answerOf(job),
    p_job_id: job.id,
    p_lease_token: job.lease_token,
  });

  return {
    begin: async (job: Job) =>
      unwrap(await social.rpc("begin_ai_answer", lease(job))) as unknown as Begun,

    /** The question is the database's own, and so is the choice of what everybody may read. */
    passages: async (job: Job, limit: number) =>
      unwrap(
        await social.rpc("ai_answer_passages", { ...lease(job), p_limit: limit }),
      ) as FoundPassage[],

    /** False: the question was closed or removed. */
    stream: async (job: Job, index: number, text: string) =>
      unwrap(
        await social.rpc("stream_ai_answer", { ...lease(job), p_index: index, p_text: text }),
      ) === true,

    record: async (job: Job, answer: WrittenAnswer) =>
      unwrap(
        await social.rpc("record_ai_answer", {
          ...lease(job),
          p_text: answer.text,
          p_citations: answer.citations,
          p_is_covered: answer.isCovered,
          p_confidence: answer.confidence,
          p_provider: answer.provider,
          p_model: answer.model,
          p_tokens_used: answer.tokens,
          p_processing_time_ms: answer.milliseconds,
        }),
      ) as unknown as Recorded,

    fail: async (job: Job, code: string) =>
      unwrap(await social.rpc("fail_ai_answer", { ...lease(job), p_error_code: code })) === true,
  };
}

function answerOf(job: Job): string {
  const id = job.payload.ai_answer_id;
  if (typeof id !== "string") {
    throw new StageError("malformed_job", "payload.ai_answer_id is missing");
  }
  return id;
}
