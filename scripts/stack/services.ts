// The services behind the gateway that lite serves, each with what it lacks.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { App } from "@supabase/lite";
import type { StackConfig } from "./config.ts";
import type { Engine } from "./engine.ts";
import type { Functions } from "./functions.ts";
import type { Service } from "./gateway.ts";
import type { Keys } from "./keys.ts";
import { withRestErrors } from "./rest-errors.ts";
import { withinSchema } from "./rest-schema.ts";
import { enrichToken, verifyToken } from "./tokens.ts";

export const restService = (app: App, config: StackConfig): Service => (request) =>
  withinSchema(
    request,
    config.schemas[0] ?? "public",
    () => withRestErrors(() => app.fetch(request)),
  );

export function authService(app: App, engine: Engine, keys: Keys, url: () => string): Service {
  const enrich = (token: string, method: string) =>
    enrichToken(token, {
      secret: keys.jwtSecret,
      issuer: `${url()}/auth/v1`,
      session: engine,
      method,
    });
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const response = await app.fetch(request);
    if (!/^\/auth\/v1\/(signup|token|verify)$/.test(pathname)) return response;

    // A link in a mail answers with a redirect that carries the tokens behind the #.
    const location = response.headers.get("Location");
    if (location?.includes("access_token=")) {
      const target = new URL(location);
      const fragment = new URLSearchParams(target.hash.slice(1));
      fragment.set("access_token", await enrich(fragment.get("access_token") ?? "", "otp"));
      const headers = new Headers(response.headers);
      headers.set("Location", `${location.split("#")[0]}#${fragment}`);
      return new Response(null, { status: response.status, headers });
    }
    if (!response.ok || !response.headers.get("Content-Type")?.includes("json")) return response;
    const body = await response.json() as { access_token?: string };
    if (body.access_token) {
      const method = pathname.endsWith("verify") ? "otp" : searchParams.get("grant_type");
      body.access_token = await enrich(body.access_token, method ?? "password");
    }
    const headers = new Headers(response.headers);
    headers.delete("Content-Length");
    return new Response(JSON.stringify(body), { status: response.status, headers });
  };
}

/** `verify_jwt = true` in supabase/config.toml: no genuine token, no function. */
export function guardFunctions(functions: Functions, config: StackConfig, keys: Keys) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const name = (request.url ?? "").split(/[/?]/)[3] ?? "";
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const isOpen = request.method === "OPTIONS" || !config.functionsBehindToken.has(name) ||
      verifyToken(token, keys.jwtSecret);
    if (isOpen) return functions.forward(request, response);
    response.writeHead(401, {
      "Content-Type": "application/json",
      "Access-Control-Allow-Origin": "*",
    });
    response.end(JSON.stringify({ code: "UNAUTHORIZED", message: "Missing or invalid token" }));
  };
}
