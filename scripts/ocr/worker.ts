// npm run ocr -- [--concurrency N]: reads documents and pictures for a server. As many may run as there is work for, on
// any machines: no job goes to two of them, and what one leaves behind another takes up.
import { hostname } from "node:os";
import { createClient } from "@supabase/supabase-js";
import sharp from "sharp";
import type { Database } from "../../functions/_shared/db/types.ts";
import { createEngine } from "./engine/index.ts";
import { runWorker } from "./worker-loop.ts";
import { readSettings, usage, UsageError, type WorkerSettings } from "./worker-settings.ts";
import { watchWorker } from "./worker-watch.ts";

/** Longer than a page takes; whoever is not done then is taken for dead, and its lease runs out. */
const STOP_MS = 60_000;
const STUCK_MS = 90_000;
const MOST_BYTES = { first: 2 * 1024 ** 3, more: 512 * 1024 ** 2 };

function settingsOrExit(): WorkerSettings {
  try {
    const settings = readSettings(process.argv.slice(2));
    if (settings !== "help") return settings;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error);
    process.exit(2);
  }
}

const settings = settingsOrExit();
const stopping = new AbortController();
const log = (message: string, details: Record<string, unknown> = {}) =>
  console.error(JSON.stringify({ at: new Date().toISOString(), message, ...details }));

const stop = (why: string) => {
  if (stopping.signal.aborted) return;
  log("stopping", { why });
  stopping.abort();
  setTimeout(() => process.exit(1), STOP_MS).unref();
};
process.on("SIGINT", () => stop("SIGINT"));
process.on("SIGTERM", () => stop("SIGTERM"));
// Whoever started it is gone: nobody could end it any more.
process.on("disconnect", () => stop("its starter is gone"));
process.channel?.unref();

// What sharp keeps of old pictures is of no use for the next one.
sharp.cache(false);

const name = `ocr:${hostname().slice(0, 60)}:${process.pid}`;
const admin = createClient<Database>(settings.url, settings.secretKey, {
  auth: { persistSession: false, autoRefreshToken: false },
});
log("ready", { name, url: settings.url, jobs: settings.jobTypes });
const endWatch = watchWorker({
  stuckMs: STUCK_MS,
  mostBytes: MOST_BYTES.first + (settings.concurrency - 1) * MOST_BYTES.more,
});
await runWorker({ admin, createEngine, name, log }, settings, stopping.signal);
await endWatch();
log("stopped");
process.exit(0);
