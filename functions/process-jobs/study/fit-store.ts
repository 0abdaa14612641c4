import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database } from "../../_shared/db/types.ts";
import { unwrap } from "../../_shared/jobs/stage.ts";
import type { Job } from "../../_shared/jobs/types.ts";
import type { Fit } from "../../_shared/memory/fit.ts";

const ended = z.object({ proceed: z.literal(false) });
const begunSchema = z.union([
  ended,
  z.object({
    proceed: z.literal(true),
    weights: z.array(z.number()).nullable(),
    relearning_steps: z.number(),
    has_steps: z.boolean(),
    max_reviews: z.number(),
  }),
]);
const pageSchema = z.union([
  ended,
  z.object({
    proceed: z.literal(true),
    cards: z.array(z.array(z.tuple([z.number(), z.number(), z.number()]))),
    next: z.string().nullable(),
  }),
]);
const recordedSchema = z.object({ is_adopted: z.boolean().default(false) });

export type FitBegun = z.infer<typeof begunSchema>;
export type FitPage = z.infer<typeof pageSchema>;
export type FitStore = ReturnType<typeof createFitStore>;

/** The stages of a fit as the database offers them: each call carries the job's lease. Only the secret key may. */
export function createFitStore(admin: SupabaseClient<Database>) {
  const study = admin.schema("study");
  const lease = (job: Job) => ({ p_job_id: job.id, p_lease_token: job.lease_token });

  return {
    begin: async (job: Job): Promise<FitBegun> =>
      begunSchema.parse(unwrap(await study.rpc("begin_fit", lease(job)))),

    histories: async (job: Job, after: string | null): Promise<FitPage> =>
      pageSchema.parse(unwrap(
        await study.rpc("fit_histories", { ...lease(job), p_after: after ?? undefined }),
      )),

    /** Whether the weights are in use now. */
    record: async (job: Job, fit: Fit, reviews: number): Promise<boolean> =>
      recordedSchema.parse(unwrap(
        await study.rpc("record_fit", {
          ...lease(job),
          p_weights: fit.weights,
          p_review_count: reviews,
          p_held_out_count: fit.heldOut,
          p_loss_before: fit.lossBefore,
          p_loss_after: fit.lossAfter,
          p_is_better: fit.isBetter,
        }),
      )).is_adopted,

    fail: async (job: Job, error: string): Promise<void> => {
      unwrap(await study.rpc("record_fit", { ...lease(job), p_error: error }));
    },
  };
}
