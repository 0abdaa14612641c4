// What the database answers when a link to somebody's study plan is opened (study.open_plan_link).

import { z } from "zod";

/** Seconds of the Unix era. */
const moment = z.int();

export const planBlockSchema = z.object({
  id: z.uuid(),
  kind: z.enum(["review", "path", "practice"]),
  status: z.enum(["suggested", "accepted", "done"]),
  /** Null: no topic of its own. */
  topic: z.string().nullable(),
  path: z.string().nullable(),
  /** Cards or questions. */
  planned_count: z.int().nonnegative(),
  sequence: z.int().nonnegative(),
  starts_at: moment,
  ends_at: moment,
  created_at: moment,
  updated_at: moment,
});

export const planSchema = z.object({ blocks: z.array(planBlockSchema) });

/** Null: the link opens nothing. content null: nothing has changed since the version that was named. */
export const openedPlanSchema = z.object({
  version: z.string(),
  content: planSchema.nullable(),
}).nullable();

export type PlanBlock = z.infer<typeof planBlockSchema>;
export type Plan = z.infer<typeof planSchema>;
export type OpenedPlan = z.infer<typeof openedPlanSchema>;
