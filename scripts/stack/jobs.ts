// Calls the function process-jobs when there may be work: at once on the NOTIFY that enqueueing
// sends, and on a timer for what becomes due by itself. On hosted Supabase pg_net and pg_cron do so.
import type { Engine } from "./engine.ts";

export interface RunnerOptions {
  engine: Engine;
  url: string;
  secretKey: string;
  /** How many calls may run at once. */
  workers: number;
  onLog: (line: string) => void;
}

const everyMs = 2000;

export async function startRunner(options: RunnerOptions): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let again = false;
  let complaint = "";

  const call = async () => {
    const response = await fetch(`${options.url}/functions/v1/process-jobs`, {
      method: "POST",
      headers: { apikey: options.secretKey, "Content-Type": "application/json" },
      body: "{}",
      signal: stopping.signal,
    });
    const text = await response.text();
    // A project without the function has no jobs to run: nothing to complain of.
    const told = response.ok || response.status === 404 ? "" : String(response.status);
    if (told && told !== complaint) options.onLog(`process-jobs answers ${told}: ${text}`);
    complaint = told;
    return response.ok;
  };

  const wake = () => {
    if (stopping.signal.aborted) return;
    if (running.size >= options.workers) {
      // Whoever finishes next looks once more: what was enqueued meanwhile may have been missed.
      again = true;
      return;
    }
    const work: Promise<void> = call().catch((error: Error) => {
      if (!stopping.signal.aborted && complaint !== error.message) {
        options.onLog(`process-jobs cannot be reached: ${complaint = error.message}`);
      }
      return false;
    }).then((ok) => {
      running.delete(work);
      if (!again) return;
      again = false;
      // After a failure the timer is soon enough.
      if (ok) wake();
    });
    running.add(work);
  };

  await options.engine.listen("ops_jobs", wake);
  const timer = setInterval(wake, everyMs);
  timer.unref();
  wake();
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await Promise.allSettled(running);
  };
}
