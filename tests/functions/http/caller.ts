// Calls an endpoint the way a browser, a worker or a stranger would, without a network.

import { createHmac } from "node:crypto";
import { envFrom } from "../../../functions/_shared/config.ts";
import {
  endpoint,
  type EndpointOptions,
  type Handler,
  ok,
} from "../../../functions/_shared/http/index.ts";
import { createLogger } from "../../../functions/_shared/log.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
export const PUBLISHABLE = "sb_publishable_test";
export const SECRET_KEY = "sb_secret_test";
export const USER = "7f1e0c3a-0000-4000-8000-000000000001";

const base64url = (data: string | Buffer) => Buffer.from(data).toString("base64url");

export const token = (claims: Record<string, unknown> = {}, secret = SECRET): string => {
  const now = Math.floor(Date.now() / 1000);
  const head = base64url(JSON.stringify({ alg: "HS256", typ: "JWT", kid: "local" }));
  const payload = {
    sub: USER,
    role: "authenticated",
    aud: "authenticated",
    iat: now,
    exp: now + 60,
    ...claims,
  };
  const body = base64url(JSON.stringify(payload));
  return `${head}.${body}.${
    createHmac("sha256", secret).update(`${head}.${body}`).digest("base64url")
  }`;
};

export const supabaseEnv = {
  url: "http://127.0.0.1:54321",
  publishableKeys: { default: PUBLISHABLE },
  secretKeys: { default: SECRET_KEY },
  jwks: { keys: [{ kty: "oct" as const, alg: "HS256", kid: "local", k: base64url(SECRET) }] },
};

export const build = <T, B = undefined>(
  changes: Partial<EndpointOptions<B>>,
  handler: Handler<B, T>,
) => {
  const lines: Record<string, unknown>[] = [];
  const serve = endpoint<T, B>({
    name: "ask",
    auth: "user",
    env: envFrom({}),
    supabaseEnv,
    logger: createLogger({}, (line) => lines.push(JSON.parse(line) as Record<string, unknown>)),
    ...changes,
  }, handler);
  return { serve, lines };
};

export const call = (init: RequestInit & { path?: string } = {}) =>
  new Request(`http://edge${init.path ?? "/ask"}`, {
    method: "POST",
    ...init,
    headers: {
      authorization: `Bearer ${token()}`,
      "content-type": "application/json",
      ...init.headers,
    },
  });

export const echo: Handler<undefined, unknown> = ({ userId }) => Promise.resolve(ok({ userId }));
export const bodyOf = async (response: Response) =>
  await response.json() as Record<string, unknown>;
