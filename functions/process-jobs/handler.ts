import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../_shared/db/types.ts";
import { type Call, failFrom, ok, type Result } from "../_shared/http/index.ts";
import { createJobQueue } from "../_shared/jobs/queue.ts";
import { runJobs, type RunSummary } from "../_shared/jobs/run.ts";
import { createHandlers } from "./handlers.ts";
import type { Input } from "./schema.ts";

/** Carries out what is due by the clock, then works on the queue until it is empty or the time is up. */
export async function processJobs(
  { body, context, log, requestId }: Call<Input>,
): Promise<Result<RunSummary>> {
  // The queue is nobody's under RLS: this function is its worker, and only the secret key may call it.
  const admin: SupabaseClient<Database> = context.supabaseAdmin;
  const tasks = await admin.schema("core").rpc("run_due_tasks");
  if (tasks.error) return failFrom(tasks.error);

  const summary = await runJobs({
    queue: createJobQueue(admin, body.queue),
    handlers: createHandlers(admin),
    worker: body.worker ?? `process-jobs:${requestId}`,
    concurrency: body.concurrency,
    budgetMs: body.seconds * 1000,
    onError: (message, details) => log.warn(message, details),
  });
  return ok(summary);
}
