import type { Job, JobHandlers, JobOutcome, JobQueue } from "./types.ts";

export type RunOptions = {
  queue: JobQueue;
  handlers: JobHandlers;
  worker: string;
  /** Jobs worked on at a time. */
  concurrency: number;
  /** No job is claimed after this long; those under way are finished. */
  budgetMs: number;
  onError?: (message: string, details: Record<string, unknown>) => void;
};

export type RunSummary = { claimed: number; done: number; failed: number; leaseLost: number };

/** Claims and works until the queue has nothing more for these handlers, or the time is up. */
export async function runJobs(options: RunOptions): Promise<RunSummary> {
  const { queue, handlers, worker, concurrency, budgetMs } = options;
  const summary: RunSummary = { claimed: 0, done: 0, failed: 0, leaseLost: 0 };
  const deadline = Date.now() + budgetMs;
  const underWay = new Set<Promise<void>>();

  while (Date.now() < deadline) {
    const jobs = await queue.claim(worker, concurrency - underWay.size, Object.keys(handlers));
    summary.claimed += jobs.length;
    for (const job of jobs) {
      const work = workOn(job, options, summary).finally(() => underWay.delete(work));
      underWay.add(work);
    }
    if (underWay.size === 0) break;
    // A stage enqueues the next one: look again as soon as any job ends.
    await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return summary;
}

async function workOn(job: Job, options: RunOptions, summary: RunSummary): Promise<void> {
  const { queue, handlers } = options;
  const abort = new AbortController();
  const heartbeat = keepLease(job, queue, abort);
  try {
    const outcome = await run(job, handlers, abort.signal);
    if (outcome.status === "lost") {
      summary.leaseLost += 1;
      return;
    }
    const kept = outcome.status === "done"
      ? await queue.complete(job, outcome.result ?? {})
      : await queue.fail(job, outcome.error, outcome.retry, outcome.retryAfterSeconds);
    if (!kept) summary.leaseLost += 1;
    else if (outcome.status === "done") summary.done += 1;
    else summary.failed += 1;
    if (outcome.status === "failed") {
      options.onError?.("job_failed", { id: job.id, type: job.job_type, error: outcome.error });
    }
  } catch (error) {
    // The queue itself could not be reached: the lease runs out and another worker takes over.
    summary.failed += 1;
    options.onError?.("queue_unreachable", {
      id: job.id,
      type: job.job_type,
      error: String(error),
    });
  } finally {
    clearInterval(heartbeat);
  }
}

/** "lost": the job was cancelled or taken over meanwhile; there is nothing left to say of it. */
async function run(
  job: Job,
  handlers: JobHandlers,
  signal: AbortSignal,
): Promise<JobOutcome | { status: "lost" }> {
  const handler = handlers[job.job_type];
  if (!handler) return { status: "failed", error: "no_handler", retry: false };
  try {
    return await handler(job, signal);
  } catch (error) {
    if (
      signal.aborted || (error instanceof Error && "code" in error && error.code === "lease_lost")
    ) {
      return { status: "lost" };
    }
    return { status: "failed", error: `unexpected: ${String(error)}`, retry: true };
  }
}

function keepLease(job: Job, queue: JobQueue, abort: AbortController) {
  const leaseMs = Math.max(3000, new Date(job.lease_expires_at).getTime() - Date.now());
  return setInterval(() => {
    queue.heartbeat(job).then(
      (until) => until ?? abort.abort(new Error("lease_lost")),
      // A heartbeat that does not get through is no loss yet: the next one may.
      () => undefined,
    );
  }, leaseMs / 3);
}
