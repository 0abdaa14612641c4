import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../_shared/db/types.ts";
import { done, type Job, type JobHandler, type JobHandlers } from "../../_shared/jobs/types.ts";

export type FeedPortion = { written: number; next: string | null };

/** What the job needs of the database: one portion of feeds, under the job's lease. */
export type FeedStore = { fanOut(job: Job, after: string | null): Promise<FeedPortion> };

/** The portion could not be written; `code` is the stable code of the database. */
export class FeedError extends Error {
  readonly code: string;
  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.name = "FeedError";
    this.code = code;
  }
}

export const createFeedStore = (admin: SupabaseClient<Database>): FeedStore => ({
  async fanOut(job, after) {
    if (!job.resource_id) throw new FeedError("malformed_job", "resource_id is missing");
    const { data, error } = await admin.schema("social").rpc("fan_out_post", {
      p_post_id: job.resource_id,
      // The generated types know no null arguments; the database takes null for the first portion.
      p_after: after as string,
      p_job_id: job.id,
      p_lease_token: job.lease_token,
    });
    if (error) throw new FeedError(error.message, error.details ?? "");
    return data as unknown as FeedPortion;
  },
});

/** Portion after portion, so that no transaction is long. Begun again, it writes nothing twice. */
const fanOutPost = (store: FeedStore): JobHandler => async (job, signal) => {
  let written = 0;
  let after: string | null = null;
  do {
    signal.throwIfAborted();
    const portion: FeedPortion = await store.fanOut(job, after);
    written += portion.written;
    after = portion.next;
  } while (after);
  return done({ written });
};

export const feedHandlers = (store: FeedStore): JobHandlers => ({
  "social.fan_out_post": fanOutPost(store),
});
