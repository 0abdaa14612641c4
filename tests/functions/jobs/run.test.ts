import { describe, expect, it } from "vitest";
import { runJobs } from "../../../functions/_shared/jobs/run.ts";
import { done, failed, type Job, type JobQueue } from "../../../functions/_shared/jobs/types.ts";

const job = (id: string, type = "test"): Job => ({
  id,
  job_type: type,
  queue: "default",
  resource_id: null,
  attempts: 1,
  max_attempts: 3,
  payload: {},
  lease_token: 1,
  lease_expires_at: new Date(Date.now() + 60_000).toISOString(),
});

/** A queue in memory that remembers what was said of each job. */
function fakeQueue(jobs: Job[], options: { losesLease?: boolean } = {}) {
  const said: string[] = [];
  const queue: JobQueue = {
    claim: (_worker, limit) => Promise.resolve(jobs.splice(0, limit)),
    heartbeat: () => Promise.resolve(options.losesLease ? null : new Date()),
    complete: (j) => {
      said.push(`complete ${j.id}`);
      return Promise.resolve(!options.losesLease);
    },
    fail: (j, error, retry, after) => {
      said.push(`fail ${j.id} ${error} ${retry} ${after ?? ""}`.trim());
      return Promise.resolve(true);
    },
  };
  return { queue, said, add: (j: Job) => jobs.push(j) };
}

const options = { worker: "w", concurrency: 2, budgetMs: 5_000 };

describe("runJobs", () => {
  it("works until the queue is empty, also on jobs that a job enqueued", async () => {
    const { queue, said, add } = fakeQueue([job("a"), job("b"), job("c")]);
    const handlers = {
      test: (j: Job) => {
        if (j.id === "c") add(job("d"));
        return Promise.resolve(done());
      },
    };
    const summary = await runJobs({ ...options, queue, handlers });
    expect(summary).toEqual({ claimed: 4, done: 4, failed: 0, leaseLost: 0 });
    expect(said.sort()).toEqual(["complete a", "complete b", "complete c", "complete d"]);
  });

  it("hands a failure on with its reason, its retry and the time that the provider asked for", async () => {
    const { queue, said } = fakeQueue([job("a"), job("b")]);
    const handlers = {
      test: (j: Job) =>
        Promise.resolve(j.id === "a" ? failed("rate_limited", true, 30) : failed("refused", false)),
    };
    const summary = await runJobs({ ...options, queue, handlers });
    expect(summary.failed).toBe(2);
    expect(said.sort()).toEqual(["fail a rate_limited true 30", "fail b refused false"]);
  });

  it("retries what threw, for that is a bug and not a verdict", async () => {
    const { queue, said } = fakeQueue([job("a")]);
    const handlers = { test: () => Promise.reject(new Error("boom")) };
    await runJobs({ ...options, queue, handlers });
    expect(said).toEqual(["fail a unexpected: Error: boom true"]);
  });

  it("counts work as nothing when the lease was lost meanwhile", async () => {
    const { queue } = fakeQueue([job("a")], { losesLease: true });
    const summary = await runJobs({
      ...options,
      queue,
      handlers: { test: () => Promise.resolve(done()) },
    });
    expect(summary).toEqual({ claimed: 1, done: 0, failed: 0, leaseLost: 1 });
  });

  it("says nothing more of a job that was cancelled while it ran", async () => {
    const { queue, said } = fakeQueue([job("a")]);
    const gone = Object.assign(new Error("lease_lost: cancelled"), { code: "lease_lost" });
    const summary = await runJobs({
      ...options,
      queue,
      handlers: { test: () => Promise.reject(gone) },
    });
    expect(summary).toEqual({ claimed: 1, done: 0, failed: 0, leaseLost: 1 });
    expect(said).toEqual([]);
  });

  it("tells a long handler that its lease is gone", async () => {
    const short = { ...job("a"), lease_expires_at: new Date(Date.now() + 10).toISOString() };
    const { queue } = fakeQueue([short], { losesLease: true });
    let told = "";
    const handlers = {
      test: (_j: Job, signal: AbortSignal) =>
        new Promise<ReturnType<typeof done>>((resolve) => {
          signal.addEventListener("abort", () => {
            told = String(signal.reason);
            resolve(done());
          });
        }),
    };
    await runJobs({ ...options, queue, handlers });
    expect(told).toContain("lease_lost");
  });

  it("claims nothing more once its time is up, and finishes what it has", async () => {
    const { queue, said } = fakeQueue([job("a"), job("b")]);
    const handlers = {
      test: () =>
        new Promise<ReturnType<typeof done>>((resolve) => setTimeout(() => resolve(done()), 50)),
    };
    await runJobs({ ...options, concurrency: 1, budgetMs: 20, queue, handlers });
    expect(said).toEqual(["complete a"]);
  });
});
