import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database } from "../../_shared/db/types.ts";
import { done, type Job, type JobHandlers } from "../../_shared/jobs/types.ts";

const filesSchema = z.array(z.object({ bucket: z.string(), path: z.string() }));
export type StoredFile = z.infer<typeof filesSchema>[number];

export interface RemovalStore {
  /** Files that nobody uses, some at a time. */
  begin(job: Job): Promise<StoredFile[]>;
  remove(bucket: string, paths: string[]): Promise<void>;
  finish(job: Job, bucket: string, paths: string[]): Promise<unknown>;
}

/** core.remove_files takes away what nobody uses any more. */
export const removalHandlers = (store: RemovalStore): JobHandlers => ({
  "core.remove_files": async (job, signal) => {
    const removed = new Set<string>();
    const nameOf = ({ bucket, path }: StoredFile) => `${bucket}/${path}`;
    for (;;) {
      signal.throwIfAborted();
      const files = await store.begin(job);
      // What is named again did not go: the next hour tries again.
      if (files.every((file) => removed.has(nameOf(file)))) break;
      for (const bucket of new Set(files.map((file) => file.bucket))) {
        const paths = files.filter((file) => file.bucket === bucket).map(({ path }) => path);
        await store.remove(bucket, paths);
        await store.finish(job, bucket, paths);
      }
      for (const file of files) removed.add(nameOf(file));
    }
    return done({ removed: removed.size });
  },
});

/** Removes files of everybody: only the secret key may. */
export function createRemovalStore(admin: SupabaseClient<Database>): RemovalStore {
  const core = admin.schema("core");
  const lease = (job: Job) => ({ p_job_id: job.id, p_lease_token: job.lease_token });
  return {
    begin: async (job) => {
      const { data, error } = await core.rpc("begin_file_removal", lease(job));
      if (error) throw Object.assign(new Error(error.message), { code: error.message });
      return filesSchema.parse(data);
    },

    remove: async (bucket, paths) => {
      const { error } = await admin.storage.from(bucket).remove(paths);
      if (error) throw new Error(`storage: ${error.message}`);
    },

    finish: async (job, bucket, paths) => {
      const { data, error } = await core.rpc("finish_file_removal", {
        ...lease(job),
        p_bucket: bucket,
        p_paths: paths,
      });
      if (error) throw Object.assign(new Error(error.message), { code: error.message });
      return data;
    },
  };
}
