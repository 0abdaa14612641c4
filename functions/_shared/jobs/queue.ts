import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../db/types.ts";
import type { Job, JobQueue } from "./types.ts";

/** The queue over the Data API. It needs the secret key: these RPCs are executable by the service role alone. */
export function createJobQueue(admin: SupabaseClient<Database>, queue = "default"): JobQueue {
  const core = admin.schema("core");
  const lease = (job: Job) => ({ p_job_id: job.id, p_lease_token: job.lease_token });

  const held = (error: { message: string; code?: string } | null): boolean => {
    if (!error) return true;
    if (error.message === "lease_lost") return false;
    throw new Error(`queue: ${error.code ?? ""} ${error.message}`);
  };

  return {
    async claim(worker, limit, jobTypes) {
      const { data, error } = await core.rpc("claim_jobs", {
        p_worker: worker,
        p_limit: limit,
        p_queue: queue,
        p_job_types: jobTypes,
      });
      held(error);
      return (data ?? []) as Job[];
    },
    async heartbeat(job) {
      const { data, error } = await core.rpc("heartbeat_job", lease(job));
      return held(error) && data ? new Date(data) : null;
    },
    async complete(job, result) {
      const { error } = await core.rpc("complete_job", {
        ...lease(job),
        p_result: JSON.parse(JSON.stringify(result)),
      });
      return held(error);
    },
    async fail(job, message, retry, retryAfterSeconds) {
      const { error } = await core.rpc("fail_job", {
        ...lease(job),
        p_error: message.slice(0, 2000),
        p_retry: retry,
        p_retry_after_seconds: retryAfterSeconds,
      });
      return held(error);
    },
  };
}
