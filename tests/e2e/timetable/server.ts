// A server of its own for the tests of reading: documents are handed in, workers run beside it, deliveries are signed.
import { type ChildProcess, fork } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createClient } from "@supabase/supabase-js";
import { type Stack, type StackOptions, startStack } from "../../../scripts/stack/stack.ts";
import { type Client, until } from "../../setup/stack.ts";

export interface Teacher {
  id: string;
  client: Client;
}

export interface ReadingJob {
  id: string;
  document_id: string;
  timetable_id: string;
  status: string;
  progress: number;
  error_code: string | null;
  error_message: string | null;
  is_cached: boolean;
  processing_tier: string | null;
  timings: Record<string, number>;
}

export interface QueueJob {
  id: string;
  lease_token: number;
  resource_id: string;
}

export interface Answer {
  status: number;
  body: { code?: string; stored?: number; proceed?: boolean; status?: string };
}

/** Has the browser's classes, as every client of a test does. */
const clientOf = (stack: Stack, key: string) =>
  createClient(stack.url, key, {
    db: { schema: "timetable" },
    auth: { persistSession: false, autoRefreshToken: false },
  }) as Client;

export type Server = Awaited<ReturnType<typeof startServer>>;

export async function startServer(options: StackOptions = {}) {
  const stack = await startStack({
    port: 0,
    data: "memory",
    seed: false,
    quiet: true,
    ...options,
  });
  const service = clientOf(stack, stack.secretKey);
  const children: ChildProcess[] = [];

  const teacher = async (): Promise<Teacher> => {
    const client = clientOf(stack, stack.publishableKey);
    const email = `${randomUUID()}@lyceum.test`;
    const { data, error } = await client.auth.signUp({ email, password: "correct-horse-battery" });
    if (error || !data.user) throw error ?? new Error("no user");
    return { id: data.user.id, client };
  };

  const handIn = async (
    { id, client }: Teacher,
    bytes: Uint8Array,
    name = "timetable.png",
    contentType = "image/png",
  ): Promise<ReadingJob> => {
    const path = `${id}/${randomUUID()}/${name}`;
    const stored = await client.storage.from("timetables").upload(path, Buffer.from(bytes), {
      contentType,
    });
    if (stored.error) throw stored.error;
    const { data, error } = await client.rpc("submit_document", {
      p_path: path,
      p_file_name: name,
    });
    if (error) throw new Error(error.message);
    return (data as { job: ReadingJob }).job;
  };

  const find = async (id: string): Promise<ReadingJob> => {
    const [job] = await stack.sql<ReadingJob>(
      "select * from timetable.processing_jobs where id = $1",
      [id],
    );
    if (!job) throw new Error(`no job ${id}`);
    return job;
  };
  const reach = (id: string, statuses: string[], timeoutMs = 90_000) =>
    until(
      async () => {
        const job = await find(id);
        return statuses.includes(job.status) && job;
      },
      `job ${id} to be ${statuses.join(" or ")}`,
      timeoutMs,
    );

  /** As any OCR service would. */
  const claim = async (jobId: string): Promise<QueueJob> => {
    const job = await until(async () => {
      const { data, error } = await service.schema("core").rpc("claim_jobs", {
        p_worker: "a-test",
        p_limit: 10,
        p_queue: "ocr",
      });
      if (error) throw new Error(error.message);
      return (data as QueueJob[]).find((job) => job.resource_id === jobId);
    }, "a job to read");
    const { error } = await service.rpc("begin_reading", {
      p_job_id: job.id,
      p_lease_token: job.lease_token,
    });
    if (error) throw new Error(error.message);
    return job;
  };

  const post = async (body: string, headers: Record<string, string>): Promise<Answer> => {
    const response = await fetch(`${stack.url}/functions/v1/ocr-callback`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    return { status: response.status, body: await response.json() as Answer["body"] };
  };
  /** Signed by other means than the callback's own. */
  const sign = (
    body: string,
    seconds = Math.floor(Date.now() / 1000),
    secret = stack.ocrSecret,
  ) => ({
    "x-lyceum-timestamp": String(seconds),
    "x-lyceum-signature": createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex"),
  });

  const worker = (jobs = "timetable.read") => {
    const child = fork("scripts/ocr/worker.ts", ["--jobs", jobs], {
      execArgv: [],
      env: {
        ...process.env,
        SUPABASE_URL: stack.url,
        SUPABASE_SECRET_KEY: stack.secretKey,
        OCR_CALLBACK_SECRET: stack.ocrSecret,
        OCR_POLL_MS: "50",
      },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    children.push(child);
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => said += text);
    return {
      pid: child.pid,
      said: () => said,
      async end(signal: "SIGTERM" | "SIGKILL"): Promise<[number | null, string | null]> {
        const exit = once(child, "exit");
        child.kill(signal);
        return await exit as [number | null, string | null];
      },
    };
  };

  return {
    stack,
    service,
    teacher,
    handIn,
    find,
    reach,
    claim,
    post,
    sign,
    /** Signed now, with the secret of the server. */
    deliver: async (value: unknown) => {
      const body = JSON.stringify(value);
      return await post(body, sign(body));
    },
    worker,
    /** Kills those that a test left running. */
    endWorkers: async () => {
      const running = children.splice(0).filter((c) =>
        c.exitCode === null && c.signalCode === null
      );
      await Promise.all(running.map((child) => {
        const exit = once(child, "exit");
        child.kill("SIGKILL");
        return exit;
      }));
    },
    async stop() {
      for (const child of children) child.kill("SIGKILL");
      await stack.stop();
    },
  };
}
