// The OCR worker beside the local stack: one process, started again when it ends by itself. It knows what any worker
// knows: the URL, the secret key, and the secret with which it signs what it has read.
import { type ChildProcess, fork } from "node:child_process";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import type { Keys } from "./keys.ts";
import { root } from "./paths.ts";

/** Of the stack's own secret, so that it need not be kept anywhere, and is the same after a restart. */
export const callbackSecret = (keys: Keys): string =>
  createHmac("sha256", keys.jwtSecret).update("ocr-callback").digest("hex");

export interface OcrWorkerOptions {
  url: string;
  secretKey: string;
  secret: string;
  onLog: (line: string) => void;
}

export function startOcrWorker({ url, secretKey, secret, onLog }: OcrWorkerOptions) {
  let child: ChildProcess | undefined;
  let closed = false;
  let failures = 0;

  const start = () => {
    const started = Date.now();
    const worker = child = fork(join(root, "scripts", "ocr", "worker.ts"), {
      execArgv: [],
      env: {
        ...process.env,
        SUPABASE_URL: url,
        SUPABASE_SECRET_KEY: secretKey,
        OCR_CALLBACK_SECRET: secret,
        OCR_CALLBACK_URL: "",
      },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let rest = "";
    worker.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.filter((line) => line.trim() !== "").forEach(onLog);
    });
    worker.once("error", (error) => onLog(`The OCR worker does not start: ${error.message}`));
    worker.once("exit", (code, signal) => {
      if (closed || child !== worker) return;
      failures = Date.now() - started > 60_000 ? 0 : failures + 1;
      onLog(`The OCR worker ended (${signal ?? code}); starting it again.`);
      setTimeout(() => closed || start(), Math.min(500 * 2 ** failures, 30_000)).unref();
    });
  };
  start();

  return async () => {
    closed = true;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const running = child;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGTERM");
    // The stack goes away: a page under way cannot be delivered any more.
    const force = setTimeout(() => running.kill("SIGKILL"), 3000);
    await ended;
    clearTimeout(force);
  };
}
