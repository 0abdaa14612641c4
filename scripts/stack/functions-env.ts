// What the functions are told: the keys of the stack as hosted Supabase names them, the settings of the
// project from .env and the environment, and nothing of the rest of the machine's environment.
import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import type { Keys } from "./keys.ts";
import { callbackSecret } from "./ocr-worker.ts";
import { root, stackFolder } from "./paths.ts";
import { jwks } from "./tokens.ts";

const passedOn = /^(AI|CORS|EMBEDDINGS|LYCEUM|MAIL|OCR|OPENAI|PAYMENTS|STRIPE|TRANSFORMERS)_/;

/** Of the stack's own secret, so that events and checkouts of the sandbox are good after a restart too. */
const sandboxSecret = (keys: Keys): string =>
  createHmac("sha256", keys.jwtSecret).update("payments-sandbox").digest("hex");

export function functionsEnv(
  url: string,
  keys: Keys,
  own: Record<string, string>,
): Record<string, string> {
  const file = join(root, ".env");
  const settings = {
    ...(existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {}),
    ...process.env,
  };
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings)) {
    if (value !== undefined && passedOn.test(name)) env[name] = value;
  }
  return {
    ...env,
    OCR_CALLBACK_SECRET: env.OCR_CALLBACK_SECRET || callbackSecret(keys),
    PAYMENTS_LOCAL_SECRET: env.PAYMENTS_LOCAL_SECRET || sandboxSecret(keys),
    ...own,
    PATH: process.env.PATH ?? "",
    HOME: stackFolder,
    DENO_DIR: join(stackFolder, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    DO_NOT_TRACK: "1",
    NO_COLOR: "1",
    SUPABASE_URL: url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SUPABASE_JWKS: jwks(keys.jwtSecret),
  };
}

/** The hosts in all `…_URL` settings, and the providers that need none. */
export function hostsOf(env: Record<string, string>): string[] {
  const named = Object.entries(env).filter(([name]) => name.endsWith("_URL"))
    .flatMap(([, value]) => URL.canParse(value) ? [new URL(value).hostname] : []);
  const stripe = env.PAYMENTS_PROVIDER === "stripe" ? ["api.stripe.com"] : [];
  return [...new Set(["api.openai.com", ...stripe, ...named])];
}

/** Only an embedding model of one's own lies outside the code. */
export function foldersOf(env: Record<string, string>): string[] {
  if (env.EMBEDDINGS_PROVIDER !== "transformers") return [];
  return [resolve(root, env.TRANSFORMERS_MODEL_PATH ?? "models")];
}

/** Functions log each request as a JSON line: worth reading only when something is wrong. */
export function isRoutine(line: string): boolean {
  if (!line.startsWith("{")) return line.startsWith("Deno.serve: request.signal aborts");
  try {
    return ["debug", "info"].includes((JSON.parse(line) as { level?: string }).level ?? "");
  } catch {
    return false;
  }
}
