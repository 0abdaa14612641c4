import { z } from "zod";
import { done, failed, type Job, type JobHandlers } from "../../_shared/jobs/types.ts";
import type { PrivacyStore } from "./store.ts";

const payloadSchema = z.object({ request_id: z.uuid(), user_id: z.uuid() });
type Request = z.infer<typeof payloadSchema>;

const pathOf = (request: Request) => `${request.user_id}/${request.request_id}.json`;

/** privacy.export, .expire and .erase: what belongs to a person reaches his files, too. */
export const privacyHandlers = (store: PrivacyStore): JobHandlers => ({
  "privacy.export": (job) => carryOut(job, store, exportData),
  "privacy.expire": (job) => carryOut(job, store, expireExport),
  "privacy.erase": (job) => carryOut(job, store, erase),
});

async function exportData(store: PrivacyStore, request: Request) {
  const path = pathOf(request);
  const rows = await store.rowsOf(request.user_id);
  const files = await store.objectsOf(request.user_id);
  await store.saveExport(path, { rows, files });
  await store.finishExport(request.request_id, path);
  return { path };
}

async function expireExport(store: PrivacyStore, request: Request) {
  await store.expireExport(request.request_id, pathOf(request));
  return {};
}

/** Files first: once the account is gone, nobody knows whose they were. */
async function erase(store: PrivacyStore, request: Request) {
  await store.beginErasure(request.request_id);
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
    const isFinal = message === "last_admin" || job.attempts >= job.max_attempts;
    if (isFinal) {
      await store.giveUp(payload.data.request_id, message);
    }
    return failed(message, !isFinal);
  }
}
