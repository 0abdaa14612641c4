// The one boundary between HTTP and our code. It gives each request an id, answers CORS, refuses wrong
// methods, paths, sizes and shapes, authenticates through `withSupabase`, awaits the handler, and turns
// what the handler says (or what it throws) into one uniform response.

import {
  type AuthConfig,
  type SupabaseContext,
  type SupabaseEnv,
  withSupabase,
} from "@supabase/server";
import type { z } from "zod";
import type { Database } from "../db/types.ts";
import { type Env, runtimeEnv } from "../config.ts";
import { createLogger, type Logger } from "../log.ts";
import { readAuthFailure } from "./auth-failure.ts";
import { DEFAULT_MAX_BODY_BYTES, parseJson, readBytes, validate } from "./body.ts";
import { corsHeaders, preflight } from "./cors.ts";
import { errorBody, fail, type Failure, type Result } from "./result.ts";

export interface EndpointOptions<B> {
  /** The function's name: the first part of its path, and the name in its logs. */
  name: string;
  /** "user", "secret", "publishable", "none", or several; see @supabase/server. */
  auth: AuthConfig;
  /** Default: POST. */
  methods?: readonly string[];
  /** Checks the JSON body. Without it the body is left alone (`call.rawBody`). */
  body?: z.ZodType<B>;
  maxBodyBytes?: number;
  /** Accept paths below the function's own; default: they are 404. */
  subPaths?: boolean;
  logger?: Logger;
  /** For tests: what `withSupabase` would read from the environment. */
  supabaseEnv?: Partial<SupabaseEnv>;
  env?: Env;
}

export interface Call<B> {
  request: Request;
  requestId: string;
  /** Path below the function: "" or "/more". */
  path: string;
  body: B;
  rawBody: Uint8Array<ArrayBuffer>;
  /** The signed-in user; null for other kinds of caller. */
  userId: string | null;
  /** `supabase` acts as the caller, `supabaseAdmin` passes over RLS: say why when you use it. */
  context: SupabaseContext<Database>;
  log: Logger;
}

export type Handler<B, T> = (call: Call<B>) => Promise<Result<T> | Response>;

const REQUEST_ID = /^[A-Za-z0-9._-]{8,128}$/;

const requestIdOf = (request: Request): string => {
  const given = request.headers.get("x-request-id") ?? "";
  return REQUEST_ID.test(given) ? given : crypto.randomUUID();
};

/** Hosted Supabase calls a function with its name in the path; the gateway may leave its prefix too. */
const pathBelow = (request: Request, name: string): string => {
  const path = new URL(request.url).pathname.replace(/^\/functions\/v1(?=\/)/, "");
  const below = path === `/${name}` || path.startsWith(`/${name}/`)
    ? path.slice(name.length + 1)
    : path;
  return below.replace(/\/+$/, "");
};

const toResponse = <T>(result: Result<T>, requestId: string): Response => {
  const payload = result.ok ? result.data : errorBody(result, requestId);
  const empty = result.status === 204;
  return new Response(empty ? null : JSON.stringify(payload ?? null), {
    status: result.status,
    headers: { ...(empty ? {} : { "content-type": "application/json" }), ...result.headers },
  });
};

const internalError = (): Failure =>
  fail(500, "internal_error", {
    message: "Something went wrong.",
    hint: "Try again; if it stays, report the request id.",
  });

export const endpoint = <T, B = undefined>(
  options: EndpointOptions<B>,
  handler: Handler<B, T>,
): (request: Request) => Promise<Response> => {
  const methods = options.methods ?? ["POST"];
  const env = options.env ?? runtimeEnv;
  const origins = (env("CORS_ALLOWED_ORIGINS") ?? "*").split(",").map((origin) => origin.trim());
  const baseLog = options.logger ?? createLogger();

  const work = async (
    request: Request,
    rawBody: Uint8Array<ArrayBuffer>,
    requestId: string,
    log: Logger,
  ): Promise<Response> => {
    const gate = withSupabase<Database>(
      {
        auth: options.auth,
        cors: "disabled",
        ...(options.supabaseEnv ? { env: options.supabaseEnv } : {}),
      },
      async (authenticated, context) => {
        let body = undefined as B;
        if (options.body) {
          const parsed = parseJson(rawBody, request.headers.get("content-type"));
          const checked = parsed.ok ? validate(options.body, parsed.data) : parsed;
          if (!checked.ok) return toResponse(checked, requestId);
          body = checked.data;
        }
        const userId = context.userClaims?.id ?? null;
        const result = await handler({
          request: authenticated,
          requestId,
          path: pathBelow(request, options.name),
          body,
          rawBody,
          userId,
          context,
          log: userId ? log.with({ userId }) : log,
        });
        return result instanceof Response ? result : toResponse(result, requestId);
      },
    );
    const hasBody = rawBody.byteLength > 0;
    const response = await gate(
      new Request(request.url, {
        method: request.method,
        headers: request.headers,
        signal: request.signal,
        ...(hasBody ? { body: rawBody } : {}),
      }),
    );
    const refused = readAuthFailure(response);
    if (!refused) return response;
    const level = refused.failure.status >= 500 ? "error" : "info";
    log[level]("authentication_failed", { reason: refused.reason });
    await response.body?.cancel();
    return toResponse(refused.failure, requestId);
  };

  const answer = async (request: Request, requestId: string, log: Logger): Promise<Response> => {
    if (!options.subPaths && pathBelow(request, options.name) !== "") {
      return toResponse(fail(404, "not_found", { message: "There is nothing here." }), requestId);
    }
    if (!methods.includes(request.method)) {
      const allow = methods.join(", ");
      const message = `Use ${allow}.`;
      return toResponse(
        fail(405, "method_not_allowed", { message, headers: { allow } }),
        requestId,
      );
    }
    const bytes = await readBytes(request, options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
    return bytes.ok
      ? await work(request, bytes.data, requestId, log)
      : toResponse(bytes, requestId);
  };

  return async (request) => {
    const requestId = requestIdOf(request);
    const started = performance.now();
    const cors = corsHeaders(request, methods, origins);
    if (request.method === "OPTIONS") return preflight(cors);
    const log = baseLog.with({ function: options.name, requestId });
    let response: Response;
    try {
      response = await answer(request, requestId, log);
    } catch (error) {
      log.error("unexpected_error", { method: request.method, error });
      response = toResponse(internalError(), requestId);
    }
    const headers = new Headers(response.headers);
    for (const [name, value] of Object.entries(cors)) headers.set(name, value);
    headers.set("x-request-id", requestId);
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    log.info("request", {
      method: request.method,
      status: response.status,
      ms: Math.round(performance.now() - started),
    });
    return new Response(response.body, { status: response.status, headers });
  };
};
