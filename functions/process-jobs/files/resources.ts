import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database } from "../../_shared/db/types.ts";
import { done, failed, type Job, type JobHandlers } from "../../_shared/jobs/types.ts";
import { type DocumentVerdict, inspectDocument } from "../../_shared/text/documents.ts";
import { sha256Hex } from "../../_shared/text/hash.ts";

const inspectionSchema = z.union([
  z.object({ proceed: z.literal(false) }),
  z.object({
    proceed: z.literal(true),
    bucket: z.string(),
    path: z.string(),
    file_type: z.string(),
    object_version: z.string(),
  }),
]);
export type Inspection = z.infer<typeof inspectionSchema>;

export type Finding = { version: string; sha256: string; size: number; verdict: DocumentVerdict };
export interface ResourceStore {
  begin(job: Job, resourceId: string): Promise<Inspection>;
  /** Null when there is no such file. */
  download(bucket: string, path: string): Promise<Uint8Array | null>;
  record(job: Job, resourceId: string, finding: Finding): Promise<string | null>;
}

/** social.inspect_resource looks into a shared file. */
export const resourceHandlers = (store: ResourceStore): JobHandlers => ({
  "social.inspect_resource": async (job, signal) => {
    const id = job.payload.resource_id;
    if (typeof id !== "string") return failed("malformed_job", false);
    const inspection = await store.begin(job, id);
    if (!inspection.proceed) return done({ skipped: true });
    const finding = await inTurn(async () => {
      signal.throwIfAborted();
      return await look(store, inspection);
    });
    return done({ status: await store.record(job, id, finding) });
  },
});

async function look(
  store: ResourceStore,
  { bucket, path, file_type, object_version }: Inspection & { proceed: true },
): Promise<Finding> {
  const bytes = await store.download(bucket, path);
  return {
    version: object_version,
    sha256: await sha256Hex(bytes ?? new Uint8Array()),
    size: bytes?.length ?? 0,
    verdict: bytes
      ? await inspectDocument(bytes, file_type)
      : { ok: false, mime: "application/octet-stream", reason: "the file is gone" },
  };
}

let last: Promise<unknown> = Promise.resolve();

/** One file in memory at a time: each may have 50 MB. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work, work);
  last = mine.catch(() => undefined);
  return mine;
}

/** Reads files of everybody: only the secret key may. */
export function createResourceStore(admin: SupabaseClient<Database>): ResourceStore {
  const social = admin.schema("social");
  const lease = (job: Job) => ({ p_job_id: job.id, p_lease_token: job.lease_token });
  return {
    begin: async (job, resourceId) =>
      inspectionSchema.parse(unwrap(
        await social.rpc("begin_resource_inspection", {
          ...lease(job),
          p_resource_id: resourceId,
        }),
      )),

    download: async (bucket, path) => {
      const { data, error } = await admin.storage.from(bucket).download(path);
      if (data) return new Uint8Array(await data.arrayBuffer());
      const { data: isThere } = await admin.storage.from(bucket).exists(path);
      if (isThere) throw new Error(`storage: ${error?.message}`);
      return null;
    },

    record: async (job, resourceId, { version, sha256, size, verdict }) =>
      unwrap(
        await social.rpc("record_resource_inspection", {
          ...lease(job),
          p_resource_id: resourceId,
          p_object_version: version,
          p_sha256: sha256,
          p_detected_mime: verdict.mime,
          p_size_bytes: size,
          p_is_clean: verdict.ok,
          p_reason: verdict.ok ? undefined : verdict.reason,
        }),
      ),
  };
}

function unwrap<T>(reply: { data: T; error: { message: string } | null }): T {
  if (reply.error) {
    throw Object.assign(new Error(reply.error.message), { code: reply.error.message });
  }
  return reply.data;
}
