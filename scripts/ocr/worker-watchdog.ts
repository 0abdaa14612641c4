// The thread that worker-watch.ts starts: it goes on when the worker itself is stuck in a file, and ends the process then.
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import type { WatchData } from "./worker-watch.ts";

const { beats, stuckMs, mostBytes } = workerData as WatchData;
const counter = new Int32Array(beats);
let seen = -1;
let since = Date.now();

const end = (message: string, details: Record<string, number>) => {
  try {
    // What a thread prints goes by way of the one that is stuck: written to the file itself.
    writeSync(2, JSON.stringify({ at: new Date().toISOString(), message, ...details }) + "\n");
  } finally {
    process.kill(process.pid, "SIGKILL");
  }
};

setInterval(() => {
  const beat = Atomics.load(counter, 0);
  if (beat !== seen) [seen, since] = [beat, Date.now()];
  const stuckFor = Date.now() - since, bytes = process.memoryUsage.rss();
  if (stuckFor > stuckMs) end("worker_stuck", { stuckFor });
  if (bytes > mostBytes) end("worker_too_large", { bytes });
}, Math.min(1_000, stuckMs / 4));
