import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { PlannedSession } from "../../_shared/ai/curriculum-types.ts";
import type { Database, Json } from "../../_shared/db/types.ts";
import { StageError, unwrap } from "../../_shared/jobs/stage.ts";
import type { Job } from "../../_shared/jobs/types.ts";
import type { FoundPassage } from "../../_shared/retrieval/rank.ts";

const begunSchema = z.discriminatedUnion("proceed", [
  z.object({ proceed: z.literal(false), status: z.string().nullish() }),
  z.object({
    proceed: z.literal(true),
    request: z.object({
      subject: z.string(),
      topic: z.string().nullable(),
      goals: z.string(),
      background: z.string(),
      skill_level: z.enum(["beginner", "intermediate", "advanced"]),
      language: z.string(),
      total_sessions: z.int().positive(),
      session_duration: z.int().positive(),
    }),
  }),
]);
const finishedSchema = z.object({
  recorded: z.boolean(),
  status: z.string().nullish(),
  curriculum_id: z.string().optional(),
  error_code: z.string().optional(),
});

export type Begun = z.infer<typeof begunSchema>;
export type GenerationRequest = Extract<Begun, { proceed: true }>["request"];
export type Finished = z.infer<typeof finishedSchema>;
export type MaterialPassage = FoundPassage & {
  entity_id: string;
  chunk_no: number;
  is_of_topic: boolean;
};

export type FinishedPlan = {
  title: string;
  sessions: PlannedSession[];
  provider: string;
  model: string;
};

export type LearningStore = ReturnType<typeof createLearningStore>;

/** The stages as the database offers them: each call carries the job's lease. */
export function createLearningStore(admin: SupabaseClient<Database>) {
  const learning = admin.schema("learning");
  const lease = (job: Job) => ({
    p_request_id: requestOf(job),
    p_job_id: job.id,
    p_lease_token: job.lease_token,
  });

  return {
    begin: async (job: Job): Promise<Begun> =>
      begunSchema.parse(unwrap(await learning.rpc("begin_generation", lease(job)))),

    /** Whose material is read, and which of it, is the database's own decision. */
    passages: async (job: Job, limit: number) =>
      unwrap(
        await learning.rpc("generation_passages", { ...lease(job), p_limit: limit }),
      ) as MaterialPassage[],

    /** False: it was cancelled, or is over. */
    report: async (job: Job, progress: number) =>
      unwrap(
        await learning.rpc("report_generation", { ...lease(job), p_progress: progress }),
      ) === true,

    finish: async (job: Job, plan: FinishedPlan): Promise<Finished> =>
      finishedSchema.parse(unwrap(
        await learning.rpc("finish_generation", {
          ...lease(job),
          p_plan: planJson(plan),
          p_provider: plan.provider,
          p_model: plan.model,
        }),
      )),

    fail: async (job: Job, code: string, message: string) =>
      unwrap(
        await learning.rpc("fail_generation", {
          ...lease(job),
          p_error_code: code,
          p_error_message: message,
        }),
      ) === true,
  };
}

const planJson = ({ title, sessions }: FinishedPlan): Json => ({
  title,
  sessions: sessions.map(({ minutes, passages, ...session }) => ({
    ...session,
    duration: minutes,
    passages: passages.map(({ passageId, quote }) => ({ document_id: passageId, quote })),
  })),
});

function requestOf(job: Job): string {
  const id = job.payload.request_id;
  if (typeof id !== "string") {
    throw new StageError("malformed_job", "payload.request_id is missing");
  }
  return id;
}
