// Claims, works, calls in, and stops when it is asked to: nothing more is claimed, the page under way is finished.
import { setTimeout as sleep } from "node:timers/promises";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../functions/_shared/db/types.ts";
import { createJobQueue } from "../../functions/_shared/jobs/queue.ts";
import { runJobs } from "../../functions/_shared/jobs/run.ts";
import type { Job, JobHandlers, JobQueue } from "../../functions/_shared/jobs/types.ts";
import type { OcrEngine } from "./engine/types.ts";
import { createDeliver } from "./worker-deliver.ts";
import { readTimetable } from "./worker-document.ts";
import { holdEngine } from "./worker-engine.ts";
import { readQuestionImage } from "./worker-image.ts";
import { readMaterialPages } from "./worker-material.ts";
import type { JobType, WorkerSettings } from "./worker-settings.ts";
import { createReadingStore, type ReadingStore } from "./worker-store.ts";

const CALL_IN_MS = 30_000;

export interface WorkerDeps {
  admin: SupabaseClient<Database>;
  createEngine(): Promise<OcrEngine>;
  name: string;
  log(message: string, details?: Record<string, unknown>): void;
}

/** The queue, for jobs that the server may have ended already, and a worker that may have been asked to stop. */
function guarded(queue: JobQueue, ended: Set<string>, stopping: AbortSignal): JobQueue {
  return {
    ...queue,
    claim: (worker, limit, types) =>
      stopping.aborted ? Promise.resolve([]) : queue.claim(worker, limit, types),
    complete: (job, result) =>
      ended.delete(job.id) ? Promise.resolve(true) : queue.complete(job, result),
  };
}

/** A worker that cannot be heard of works on all the same: only types that follow their workers need the call. */
async function callIn(
  store: ReadingStore,
  { name, log }: WorkerDeps,
  types: readonly JobType[],
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    await store.callIn(name, types).catch((error: Error) =>
      log("call_in_failed", { error: error.message })
    );
    await sleep(CALL_IN_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
}

/** Works until it is asked to stop. */
export async function runWorker(
  deps: WorkerDeps,
  settings: WorkerSettings,
  stopping: AbortSignal,
): Promise<void> {
  const { admin, createEngine, name, log } = deps;
  const store = createReadingStore(admin);
  const engines = holdEngine(createEngine);
  const ended = new Set<string>();
  const all: JobHandlers = {
    "timetable.read": readTimetable({
      store,
      engines,
      stopping,
      deliver: createDeliver({ url: settings.callbackUrl, secret: settings.callbackSecret }),
      onEnded: (job: Job) => ended.add(job.id),
    }),
    "ocr.read_image": readQuestionImage({ store, engines }),
    "study.read_pages": readMaterialPages({ admin, store, engines, stopping }),
  };
  const handlers = Object.fromEntries(
    Object.entries(all).filter(([type]) => (settings.jobTypes as string[]).includes(type)),
  );
  const queue = guarded(createJobQueue(admin, "ocr"), ended, stopping);
  const calls = callIn(store, deps, settings.jobTypes, stopping);
  let complaint = "";
  while (!stopping.aborted) {
    try {
      const summary = await runJobs({
        queue,
        handlers,
        worker: name,
        concurrency: settings.concurrency,
        budgetMs: 60_000,
        onError: log,
      });
      complaint = "";
      if (summary.claimed > 0) log("worked", { ...summary });
    } catch (error) {
      // The server is not there (yet): ask again, and say so once.
      if (complaint !== String(error)) log("server_unreachable", { error: String(error) });
      complaint = String(error);
    }
    const pause = complaint ? Math.max(settings.pollMs, 2_000) : settings.pollMs;
    await sleep(pause, undefined, { signal: stopping }).catch(() => undefined);
  }
  await calls;
  await engines.close();
}
