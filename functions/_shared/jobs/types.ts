/** A leased job, as `core.claim_jobs` hands it out. */
export type Job = {
  id: string;
  job_type: string;
  queue: string;
  resource_id: string | null;
  attempts: number;
  max_attempts: number;
  payload: Record<string, unknown>;
  /** Fencing token: every write on behalf of the job carries it; whoever lost the lease is refused. */
  lease_token: number;
  lease_expires_at: string;
  /** Why the attempt before failed: `lease_expired: …` when its worker went silent. */
  error_message?: string | null;
};

/** What a handler says of a job. A handler that throws has a bug; the job is retried all the same. */
export type JobOutcome =
  | { status: "done"; result?: Record<string, unknown> }
  | { status: "failed"; error: string; retry: boolean; retryAfterSeconds?: number };

export type JobHandler = (job: Job, signal: AbortSignal) => Promise<JobOutcome>;
export type JobHandlers = Record<string, JobHandler>;

/** The queue as a worker sees it. `claim` never gives one job to two workers. */
export interface JobQueue {
  claim(worker: string, limit: number, jobTypes: string[]): Promise<Job[]>;
  /** The new end of the lease, or null when the lease is lost. */
  heartbeat(job: Job): Promise<Date | null>;
  /** False when the lease was lost: the work counts for nothing. */
  complete(job: Job, result: Record<string, unknown>): Promise<boolean>;
  fail(job: Job, error: string, retry: boolean, retryAfterSeconds?: number): Promise<boolean>;
}

export const done = (result: Record<string, unknown> = {}): JobOutcome => ({
  status: "done",
  result,
});

export const failed = (error: string, retry: boolean, retryAfterSeconds?: number): JobOutcome => ({
  status: "failed",
  error,
  retry,
  retryAfterSeconds,
});
