import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database, Json } from "../../_shared/db/types.ts";

export type StoredObject = { bucket_id: string; name: string };
export type PrivacyStore = ReturnType<typeof createPrivacyStore>;

const EXPORTS = "exports";
const REMOVE_AT_ONCE = 100;

/** A person's rows and files, as the worker reaches them. */
export function createPrivacyStore(admin: SupabaseClient<Database>) {
  const core = admin.schema("core");
  return {
    rowsOf: async (userId: string) =>
      unwrap(await core.rpc("export_user_data", { p_user_id: userId })),

    objectsOf: async (userId: string) =>
      unwrap(await core.rpc("list_user_objects", { p_user_id: userId })) as StoredObject[],

    /** A retry writes the same path again. */
    saveExport: async (path: string, content: Json) => {
      const body = new Blob([JSON.stringify(content, null, 2)], { type: "application/json" });
      unwrap(await admin.storage.from(EXPORTS).upload(path, body, { upsert: true }));
    },

    remove: async (objects: StoredObject[]) => {
      for (const [bucket, names] of byBucket(objects)) {
        for (let i = 0; i < names.length; i += REMOVE_AT_ONCE) {
          unwrap(await admin.storage.from(bucket).remove(names.slice(i, i + REMOVE_AT_ONCE)));
        }
      }
    },

    finishExport: async (requestId: string, path: string) =>
      unwrap(await core.rpc("finish_export", { p_request_id: requestId, p_path: path })),

    beginErasure: async (requestId: string) =>
      unwrap(await core.rpc("begin_erasure", { p_request_id: requestId })),

    expireExport: async (requestId: string, path: string) => {
      unwrap(await admin.storage.from(EXPORTS).remove([path]));
      unwrap(await core.rpc("forget_export", { p_request_id: requestId }));
    },

    finishErasure: async (requestId: string) =>
      unwrap(await core.rpc("finish_erasure", { p_request_id: requestId })),

    giveUp: async (requestId: string, error: string) =>
      unwrap(await core.rpc("fail_privacy_request", { p_request_id: requestId, p_error: error })),
  };
}

function byBucket(objects: StoredObject[]): Map<string, string[]> {
  const buckets = new Map<string, string[]>();
  for (const { bucket_id, name } of objects) {
    buckets.set(bucket_id, [...(buckets.get(bucket_id) ?? []), name]);
  }
  return buckets;
}

function unwrap<T>(reply: { data: T; error: { message: string } | null }): T {
  if (reply.error) throw new Error(reply.error.message);
  return reply.data;
}
