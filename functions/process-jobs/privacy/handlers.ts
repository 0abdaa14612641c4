import { z } from "zod";
import { done, failed, type Job, type JobHandlers } from "../../_shared/jobs/types.ts";
import type { PrivacyStore } from "./store.ts";

const payloadSchema = z.object({ request_id: z.uuid(), user_id: z.uuid() });
type Request = z.infer<typeof payloadSchema>;

/** privacy.export and privacy.erase: what belongs to a person reaches his files, too. */
export const privacyHandlers = (store: PrivacyStore): JobHandlers => ({
  "privacy.export": (job) => carryOut(job, store, exportData),
  "privacy.erase": (job) => carryOut(job, store, erase),
});

async function exportData(store: PrivacyStore, request: Request) {
  const path = `${request.user_id}/${request.request_id}.json`;
  const rows = await store.rowsOf(request.user_id);
  const files = await store.objectsOf(request.user_id);
  await store.saveExport(path, { rows, files });
  await store.finishExport(request.request_id, path);
  return { path };
}

/** Files first: once the account is gone, nobody knows whose they were. */
async function erase(store: PrivacyStore, request: Request) {
  const files = await store.objectsOf(request.user_id);
  await store.remove(files);
  await store.finishErasure(request.request_id);
  return { files: files.length };
}

async function carryOut(
  job: Job,
  store: PrivacyStore,
  work: (store: PrivacyStore, request: Request) => Promise<Record<string, unknown>>,
) {
  const payload = payloadSchema.safeParse(job.payload);
  if (!payload.success) return failed("malformed_job", false);
  try {
    return done(await work(store, payload.data));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message === "privacy_request_cancelled") return done({ cancelled: true });
    if (job.attempts >= job.max_attempts) {
      await store.giveUp(payload.data.request_id, message);
    }
    return failed(message, true);
  }
}
