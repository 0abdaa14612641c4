// A file of two kilobytes can ask for a billion drawings, or unpack to more than there is. PDF.js works in our own thread,
// so that no timer of ours would ever be called: another thread looks on, and ends the process when it is stuck or too
// large. Whoever started it starts it again; the job comes back when its lease has run out, and fails after its attempts.
import { Worker } from "node:worker_threads";

export interface WatchSettings {
  /** A page takes seconds; whoever gives no sign of life for so long will not come back. */
  stuckMs: number;
  mostBytes: number;
}

export interface WatchData extends WatchSettings {
  beats: SharedArrayBuffer;
}

/** Returns what ends the watch. */
export function watchWorker(settings: WatchSettings): () => Promise<void> {
  const beats = new SharedArrayBuffer(4), counter = new Int32Array(beats);
  const beat = setInterval(() => Atomics.add(counter, 0, 1), settings.stuckMs / 8).unref();
  const workerData: WatchData = { ...settings, beats };
  const thread = new Worker(new URL("./worker-watchdog.ts", import.meta.url), {
    workerData,
    execArgv: [],
  });
  thread.unref();
  return async () => {
    clearInterval(beat);
    await thread.terminate();
  };
}
