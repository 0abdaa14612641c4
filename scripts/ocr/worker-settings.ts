// What the worker is told: by options, by the environment and .env, or by the local stack that runs on this machine.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { envFrom, readInteger } from "../../functions/_shared/config.ts";
import { LEAST_SECRET_LENGTH } from "../../functions/_shared/ocr/signature.ts";
import { lockedBy } from "../stack/lock.ts";
import { loadKeys } from "../stack/keys.ts";
import { callbackSecret } from "../stack/ocr-worker.ts";
import { defaultDataFolder, root } from "../stack/paths.ts";

export const JOB_TYPES = ["timetable.read", "ocr.read_image", "study.read_pages"] as const;
export type JobType = typeof JOB_TYPES[number];

export interface WorkerSettings {
  url: string;
  secretKey: string;
  callbackUrl: string;
  callbackSecret: string;
  jobTypes: JobType[];
  concurrency: number;
  pollMs: number;
}

export const usage = `npm run ocr -- [options]

  --concurrency N   documents at a time (1, which takes some 450 MB)
  --jobs TYPES      what to work on, separated by commas (${JOB_TYPES.join(",")})
  --help

Reads documents for a server: SUPABASE_URL, SUPABASE_SECRET_KEY and OCR_CALLBACK_SECRET say which, in the
environment or in .env. Without them it works for the local stack on .stack/data, when that runs.`;

export class UsageError extends Error {}

interface Server {
  url: string;
  secretKey: string;
  secret: string;
}

/** The stack that \`npm start\` runs in the usual place. */
function localServer(): Server | undefined {
  const url = lockedBy(defaultDataFolder)?.url;
  if (!url) return undefined;
  const keys = loadKeys(join(defaultDataFolder, "keys.json"));
  return { url, secretKey: keys.secretKey, secret: callbackSecret(keys) };
}

export function readSettings(args: string[]): WorkerSettings | "help" {
  let values: { concurrency?: string; jobs?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args,
      options: {
        concurrency: { type: "string" },
        jobs: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) return "help";

  const file = join(root, ".env");
  const env = envFrom({
    ...(existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {}),
    ...process.env,
    ...(values.concurrency === undefined ? {} : { OCR_CONCURRENCY: values.concurrency }),
  });
  const local = env("SUPABASE_URL") === undefined ? localServer() : undefined;
  const url = (env("SUPABASE_URL") ?? local?.url)?.replace(/\/+$/, "");
  const secretKey = env("SUPABASE_SECRET_KEY") ?? local?.secretKey;
  const secret = env("OCR_CALLBACK_SECRET") ?? local?.secret;
  if (!url || !secretKey || !secret) {
    throw new UsageError(
      "No server is named, and no local stack runs: set SUPABASE_URL, SUPABASE_SECRET_KEY and OCR_CALLBACK_SECRET.",
    );
  }
  if (secret.length < LEAST_SECRET_LENGTH) {
    throw new UsageError(`OCR_CALLBACK_SECRET has fewer than ${LEAST_SECRET_LENGTH} characters.`);
  }
  const wanted = values.jobs?.split(",").map((type) => type.trim()) ?? [...JOB_TYPES];
  const unknown = wanted.filter((type) => !(JOB_TYPES as readonly string[]).includes(type));
  if (unknown.length > 0) throw new UsageError(`There is no job type ${unknown.join(", ")}.`);
  return {
    url,
    secretKey,
    callbackUrl: env("OCR_CALLBACK_URL") ?? `${url}/functions/v1/ocr-callback`,
    callbackSecret: secret,
    jobTypes: wanted as JobType[],
    concurrency: readInteger(env, "OCR_CONCURRENCY", { fallback: 1, min: 1, max: 16 }),
    pollMs: readInteger(env, "OCR_POLL_MS", { fallback: 1_000, min: 20, max: 60_000 }),
  };
}
