// timetable.read: a document into pages. Each page is delivered as soon as it is read, so that whoever takes over from a
// dead worker has to deliver only what had not arrived.
import { createHash } from "node:crypto";
import { done, failed, type Job, type JobHandler } from "../../functions/_shared/jobs/types.ts";
import type { Page } from "../../functions/_shared/timetable/types.ts";
import { ReadError } from "./errors.ts";
import type { Deliver } from "./worker-deliver.ts";
import type { EngineHolder } from "./worker-engine.ts";
import { engineOf, openFile } from "./worker-pages.ts";
import type { Begun, FileFacts, ReadingStore } from "./worker-store.ts";

export interface DocumentDeps {
  store: ReadingStore;
  deliver: Deliver;
  engines: EngineHolder;
  /** Aborted when the worker shall stop: the page under way is finished, the rest is handed back. */
  stopping: AbortSignal;
  /** Told of each job that the server has ended itself. */
  onEnded(job: Job): void;
}

type Work = Extract<Begun, { proceed: true }>;
type Outcome = { status: "read" | "cached" | "over"; pages?: number; delivered?: number };

const TOO_COMPLEX =
  "Reading it took more than a document may. Send it in another form, such as a picture of each page.";

class Stopped extends Error {}

/** The document cannot be read, by anybody; its owner is told why. */
class Unreadable extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

async function read(
  { store, deliver, engines, stopping }: DocumentDeps,
  job: Job,
  { document_id, bucket_id, path, pages_done }: Work,
  signal: AbortSignal,
): Promise<Outcome> {
  const bytes = await store.download(bucket_id, path);
  if (!bytes) throw new Unreadable("document_missing", "The file is not there any more.");
  return await engines.during(async (engine) => {
    let engineName = "";
    const opened = await openFile(bytes, async () => {
      const ready = await engine();
      engineName = ready.name;
      return ready;
    });
    const file: FileFacts = {
      sha256: createHash("sha256").update(bytes).digest("hex"),
      mimeType: opened.mimeType,
      size: bytes.length,
      pages: opened.pages,
    };
    const { proceed, is_cached } = await store.recordFile(job, file);
    if (!proceed) return { status: is_cached ? "cached" : "over", pages: file.pages };

    const there = new Set(pages_done);
    let delivered = 0;
    await store.recordStage(job, "preprocessing", 5);
    await store.recordStage(job, "ocr", 10);
    await opened.read(async (page: Page) => {
      signal.throwIfAborted();
      if (!there.has(page.number)) {
        await deliver({
          jobId: job.id,
          leaseToken: job.lease_token,
          documentId: document_id,
          engine: engineOf(page, engineName),
          pages: [page],
          file,
        }, signal);
        there.add(page.number);
        delivered += 1;
      }
      if (stopping.aborted && there.size < file.pages) throw new Stopped();
    });
    return { status: "read", pages: file.pages, delivered };
  });
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

export const readTimetable = (deps: DocumentDeps): JobHandler => async (job, signal) => {
  /** After the last page, a refusal or a reading from before, the server has ended the job. */
  const ended = (result: Record<string, unknown>) => {
    deps.onEnded(job);
    return done(result);
  };
  const begun = await deps.store.begin(job);
  if (!begun.proceed) return ended({ skipped: begun.status ?? "gone" });

  const giveUp = (code: string, message: string) =>
    deps.deliver({
      jobId: job.id,
      leaseToken: job.lease_token,
      documentId: begun.document_id,
      error: { code, message },
    }, signal);
  // What stopped the workers before this one would stop it too, and hold up the documents behind it.
  const stopsWorkers = job.error_message?.startsWith("lease_expired") ?? false;
  if (job.attempts >= job.max_attempts && stopsWorkers) {
    await giveUp("document_too_complex", TOO_COMPLEX);
    return ended({ failed: "document_too_complex" });
  }
  try {
    return ended(await read(deps, job, begun, signal));
  } catch (error) {
    if (signal.aborted || codeOf(error) === "lease_lost") throw error;
    if (error instanceof Stopped) return failed("worker_stopped", true, 0);
    if (error instanceof ReadError || error instanceof Unreadable) {
      await giveUp(error.code, error.message);
      return ended({ failed: error.code });
    }
    if (job.attempts < job.max_attempts) throw error;
    await giveUp("reading_failed", "The document could not be read. The fault is ours.");
    return ended({ failed: "reading_failed", error: String(error).slice(0, 500) });
  }
};
