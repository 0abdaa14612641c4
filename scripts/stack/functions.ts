// Edge functions in real Deno: one child process for all of them (functions-host.ts), started anew
// when it crashes or the code changes.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, watch } from "node:fs";
import { type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createInterface } from "node:readline";
import { root } from "./paths.ts";

const deno = join(root, "node_modules", "deno", process.platform === "win32" ? "deno.exe" : "deno");

export interface FunctionsOptions {
  folder: string;
  env: Record<string, string>;
  /** Hosts outside this machine that functions may call. */
  hosts: string[];
  /** Folders outside functions/ that they may read. */
  folders: string[];
  onLog: (line: string) => void;
  watch: boolean;
}

export interface Functions {
  forward(request: IncomingMessage, response: ServerResponse): void;
  restart(): void;
  close(): Promise<void>;
}

export function startFunctions(options: FunctionsOptions): Functions {
  const { folder } = options;
  let child: ChildProcess | undefined;
  let port: Promise<number>;
  let closed = false;
  let failures = 0;

  const start = () => {
    const started = Date.now();
    const process = child = spawn(deno, denoArgs(options), {
      cwd: root,
      env: options.env,
      stdio: ["pipe", "pipe", "pipe"],
    });
    port = new Promise((resolve, reject) => {
      createInterface({ input: process.stdout }).on("line", (line) => {
        const announced = /^\{"port":(\d+)\}$/.exec(line)?.[1];
        if (announced) resolve(Number(announced));
        else options.onLog(line);
      });
      createInterface({ input: process.stderr }).on("line", options.onLog);
      process.once("error", reject);
      process.once("exit", () => reject(new Error("The functions' process has ended.")));
    });
    port.catch(() => {}); // each caller sees it; without callers it is no event
    process.once("exit", (code, signal) => {
      if (closed || child !== process) return;
      failures = Date.now() - started > 10_000 ? 0 : failures + 1;
      const wait = Math.min(250 * 2 ** failures, 10_000);
      options.onLog(`Functions ended (${signal ?? code}); starting them again.`);
      setTimeout(() => closed || child !== process || start(), wait).unref();
    });
  };

  const restart = () => {
    const old = child;
    start();
    old?.kill();
  };
  start();
  const watcher = options.watch && existsSync(folder) ? onChange(folder, restart) : undefined;

  return {
    forward: (request, response) => void forward(() => port, request, response),
    restart,
    async close() {
      closed = true;
      watcher?.close();
      const running = child;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      const ended = new Promise((resolve) => running.once("exit", resolve));
      running.stdin?.end();
      running.kill();
      const force = setTimeout(() => running.kill("SIGKILL"), 2000);
      await ended;
      clearTimeout(force);
    },
  };
}

function denoArgs({ folder, hosts, folders }: FunctionsOptions): string[] {
  const readable = [
    folder,
    join(root, "node_modules"),
    join(root, "deno.json"),
    ...folders,
  ];
  return [
    "run",
    "--no-prompt",
    "--cached-only",
    `--config=${join(root, "deno.json")}`,
    `--allow-net=${["127.0.0.1", "localhost", ...hosts].join(",")}`,
    "--allow-env",
    // A local embedding model runs native code; nothing else may.
    ...(folders.length > 0 ? ["--allow-sys", "--allow-ffi"] : []),
    `--allow-read=${readable.join(",")}`,
    join(root, "scripts", "stack", "functions-host.ts"),
    `${pathToFileURL(folder).pathname}/`,
  ];
}

/** Editors write a file several times; one restart is enough. */
function onChange(folder: string, then: () => void) {
  let timer: NodeJS.Timeout | undefined;
  return watch(folder, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(then, 200);
    timer.unref();
  });
}

async function forward(
  port: () => Promise<number>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const unavailable = (message: string): void => {
    if (response.headersSent) return void response.destroy();
    response.writeHead(503, {
      "Content-Type": "application/json",
      "Access-Control-Allow-Origin": "*",
    });
    response.end(JSON.stringify({ code: "functions_unavailable", message }));
  };
  let target: number;
  try {
    target = await port();
  } catch (error) {
    return unavailable((error as Error).message);
  }
  // Hosted Supabase hands a function the path below /functions/v1.
  const path = (request.url ?? "").replace(/^\/functions\/v1/, "");
  const inner = httpRequest({
    host: "127.0.0.1",
    port: target,
    path,
    method: request.method,
    headers: request.headers,
  }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
    answer.once("error", () => response.destroy());
  });
  inner.once("error", (error) => unavailable(`The function broke off: ${error.message}`));
  response.once("close", () => {
    inner.destroy();
    // A body that the function did not read to its end stands in the way of the next request on this connection.
    request.unpipe(inner);
    request.resume();
  });
  request.pipe(inner);
}
