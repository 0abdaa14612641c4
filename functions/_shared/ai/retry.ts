// Repeats what may succeed on repetition, within a number of attempts and a total time. A wait that the
// provider asked for is honoured; one that would outlast the deadline is handed to the caller instead.

import { AiError, isAbort } from "./errors.ts";

export interface RetryPolicy {
  /** For one request. */
  timeoutMs: number;
  /** For all requests of a call together, waits included. */
  deadlineMs: number;
  maxAttempts: number;
  baseDelayMs?: number;
  maxDelayMs?: number;
  random?: () => number;
}

export interface Attempt {
  /** 1 for the first. */
  number: number;
  /** Ends the attempt: its own time limit, the deadline, or the caller. */
  signal: AbortSignal;
}

const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;

export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });

/** Seconds to wait: `Retry-After` in seconds or as a date, or `retry-after-ms`. */
export const readRetryAfter = (
  headers: Headers | undefined,
  now = Date.now(),
): number | undefined => {
  const ms = headers?.get("retry-after-ms");
  if (ms && Number.isFinite(Number(ms))) return Math.max(0, Number(ms) / 1000);
  const raw = headers?.get("retry-after")?.trim();
  if (!raw) return undefined;
  if (/^\d+(\.\d+)?$/.test(raw)) return Number(raw);
  const date = Date.parse(raw);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
};

/** Exponential with full jitter over the upper half, so that many callers do not come back at once. */
export const backoffMs = (attempt: number, policy: RetryPolicy): number => {
  const ceiling = Math.min(
    policy.maxDelayMs ?? MAX_DELAY_MS,
    (policy.baseDelayMs ?? BASE_DELAY_MS) * 2 ** (attempt - 1),
  );
  return ceiling * (0.5 + 0.5 * (policy.random ?? Math.random)());
};

const delayFor = (error: AiError, attempt: number, policy: RetryPolicy): number =>
  error.retryAfterSeconds === undefined
    ? backoffMs(attempt, policy)
    : error.retryAfterSeconds * 1000 + 50 * (policy.random ?? Math.random)();

export class Deadline {
  readonly #end: number;
  readonly #policy: RetryPolicy;
  readonly #caller: AbortSignal | undefined;
  attempts = 0;

  constructor(policy: RetryPolicy, caller?: AbortSignal) {
    this.#policy = policy;
    this.#caller = caller;
    this.#end = performance.now() + policy.deadlineMs;
  }

  get remainingMs(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** Counts a request that is about to be sent. */
  begin(): void {
    this.#caller?.throwIfAborted();
    this.attempts += 1;
  }

  /** Begins an attempt; its time is what is left, at most one request's limit. */
  next(): Attempt {
    this.begin();
    const limit = AbortSignal.timeout(
      Math.ceil(Math.min(this.#policy.timeoutMs, this.remainingMs)),
    );
    const signal = this.#caller ? AbortSignal.any([this.#caller, limit]) : limit;
    return { number: this.attempts, signal };
  }

  /** Returns once it is time for the next attempt, or throws what ended the last one. */
  async waitAfter(error: unknown): Promise<void> {
    this.#caller?.throwIfAborted();
    if (!(error instanceof AiError)) throw error;
    error.attempts = this.attempts;
    const isWorthIt = error.retryable && this.attempts < this.#policy.maxAttempts;
    if (!isWorthIt) throw error;
    const delay = delayFor(error, this.attempts, this.#policy);
    if (delay >= this.remainingMs) throw error;
    await sleep(delay, this.#caller);
  }
}

export const withRetries = async <T>(
  deadline: Deadline,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T> => {
  for (;;) {
    try {
      return await work(deadline.next());
    } catch (error) {
      if (isAbort(error)) throw error;
      await deadline.waitAfter(error);
    }
  }
};
