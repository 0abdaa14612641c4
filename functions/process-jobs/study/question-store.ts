import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database, Json } from "../../_shared/db/types.ts";
import { unwrap } from "../../_shared/jobs/stage.ts";
import type { Job } from "../../_shared/jobs/types.ts";
import {
  DIFFICULTIES,
  type GeneratedQuestion,
  type SourcePassage,
} from "../../_shared/questions/types.ts";

const begunSchema = z.union([
  z.object({ proceed: z.literal(false) }),
  z.object({
    proceed: z.literal(true),
    generation_id: z.string(),
    material_id: z.string(),
    title: z.string(),
    language: z.string(),
    count: z.number(),
    difficulty: z.enum(DIFFICULTIES),
    again: z.boolean(),
    written: z.number(),
    position: z.number(),
    refused: z.record(z.string(), z.number()),
  }),
]);
export type GenerationBegun = z.infer<typeof begunSchema>;
export type Generation = Extract<GenerationBegun, { proceed: true }>;

const passagesSchema = z.array(z.object({
  chunk_id: z.string(),
  chunk_no: z.number(),
  content: z.string(),
  heading_path: z.array(z.string()),
  has_questions: z.boolean(),
}));

const putSchema = z.object({ proceed: z.boolean(), written: z.number().optional() });

export interface Portion {
  questions: GeneratedQuestion[];
  /** Passages that were tried. */
  position: number;
  provider: string;
  model: string;
  refused: Record<string, number>;
}

const PASSAGES_AT_ONCE = 200;
/** Of a longer material the first ones: what a worker can hold. */
const MOST_PASSAGES = 3_000;

export type QuestionStore = ReturnType<typeof createQuestionStore>;

/** The stages of a generation as the database offers them: each call carries the job's lease. Only the secret key may. */
export function createQuestionStore(admin: SupabaseClient<Database>) {
  const study = admin.schema("study");
  const lease = (job: Job) => ({ p_job_id: job.id, p_lease_token: job.lease_token });

  return {
    begin: async (job: Job): Promise<GenerationBegun> =>
      begunSchema.parse(unwrap(await study.rpc("begin_generation", lease(job)))),

    passages: async (job: Job): Promise<SourcePassage[]> => {
      const all: SourcePassage[] = [];
      for (;;) {
        const some = passagesSchema.parse(unwrap(
          await study.rpc("generation_passages", {
            ...lease(job),
            p_after: all.at(-1)?.chunk_no ?? -1,
            p_limit: PASSAGES_AT_ONCE,
          }),
        ));
        all.push(...some);
        if (some.length < PASSAGES_AT_ONCE || all.length >= MOST_PASSAGES) return all;
      }
    },

    /** False: there are enough, or it has ended. */
    put: async (job: Job, portion: Portion): Promise<{ proceed: boolean; written?: number }> =>
      putSchema.parse(unwrap(
        await study.rpc("put_questions", {
          ...lease(job),
          p_questions: portion.questions as unknown as Json,
          p_position: portion.position,
          p_provider: portion.provider,
          p_model: portion.model,
          p_refused: portion.refused,
        }),
      )),

    finish: async (job: Job, code?: string, message?: string): Promise<Record<string, unknown>> =>
      unwrap(
        await study.rpc("finish_generation", {
          ...lease(job),
          p_error_code: code,
          p_error_message: message,
        }),
      ) as Record<string, unknown>,

    /** Another run goes on, behind whatever else waits. */
    goOn: async (job: Job): Promise<void> => {
      unwrap(await study.rpc("continue_generation", lease(job)));
    },
  };
}
