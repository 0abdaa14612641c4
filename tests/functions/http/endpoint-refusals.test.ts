import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type EndpointOptions, type Handler, ok } from "../../../functions/_shared/http/index.ts";
import { bodyOf, build, call, PUBLISHABLE, SECRET_KEY, supabaseEnv, token } from "./caller.ts";

describe("what is refused before the handler", () => {
  const never: Handler<undefined, never> = () =>
    Promise.reject(new Error("the handler was reached"));
  const refuses = async (
    request: Request,
    status: number,
    code: string,
    changes: Partial<EndpointOptions<undefined>> = {},
  ) => {
    const { serve, lines } = build(changes, never);
    const response = await serve(request);
    const body = await bodyOf(response);
    expect([response.status, body.code]).toEqual([status, code]);
    expect(body.requestId).toBe(response.headers.get("x-request-id"));
    expect(
      Object.keys(body).every((key) =>
        ["code", "message", "detail", "hint", "requestId"].includes(key)
      ),
    ).toBe(true);
    return { response, body, lines };
  };

  it("a wrong method, with the right ones", async () => {
    const { response } = await refuses(call({ method: "DELETE" }), 405, "method_not_allowed");
    expect(response.headers.get("allow")).toBe("POST");
  });

  it("a path below the function", async () => {
    await refuses(call({ path: "/ask/admin" }), 404, "not_found");
    await refuses(call({ path: "/asking" }), 404, "not_found");
  });

  it("no credentials, a broken token, an expired one, a forged one", async () => {
    await refuses(new Request("http://edge/ask", { method: "POST" }), 401, "not_authenticated");
    const bearer = (value: string) => call({ headers: { authorization: `Bearer ${value}` } });
    await refuses(bearer("abc"), 401, "invalid_token");
    await refuses(bearer(token({ exp: 1 })), 401, "invalid_token");
    await refuses(bearer(token({}, "another-secret-another-secret-12")), 401, "invalid_token");
  });

  it("a publishable or wrong key where the secret one is asked for", async () => {
    const keyed = (apikey: string) =>
      new Request("http://edge/ask", { method: "POST", headers: { apikey } });
    await refuses(keyed(PUBLISHABLE), 401, "invalid_api_key", { auth: "secret" });
    await refuses(keyed("sb_secret_wrong"), 401, "invalid_api_key", { auth: "secret" });
    const { serve } = build(
      { auth: "secret" },
      ({ userId, context }) => Promise.resolve(ok({ userId, mode: context.authMode })),
    );
    expect(await bodyOf(await serve(keyed(SECRET_KEY)))).toEqual({ userId: null, mode: "secret" });
  });

  it("authentication that the server cannot do is our fault, masked and logged", async () => {
    const { lines } = await refuses(call(), 500, "internal_error", {
      supabaseEnv: { ...supabaseEnv, jwks: new URL("http://127.0.0.1:9/jwks") },
    });
    expect(JSON.stringify(lines)).toContain("JWKS_FETCH_FAILED");
  });

  it("a body that is too long, declared or not", async () => {
    const long = "x".repeat(200);
    await refuses(call({ body: long }), 413, "payload_too_large", { maxBodyBytes: 100 });
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(long));
        controller.close();
      },
    });
    const request = new Request("http://edge/ask", {
      method: "POST",
      headers: { authorization: `Bearer ${token()}` },
      body: stream,
      ...{ duplex: "half" },
    });
    await refuses(request, 413, "payload_too_large", { maxBodyBytes: 100 });
  });
});

describe("a body", () => {
  const schema = z.object({
    question: z.string().min(3),
    options: z.array(z.object({ label: z.string() })).optional(),
  });
  const { serve } = build({ body: schema }, ({ body }) => Promise.resolve(ok(body)));
  const post = (body: string, headers: Record<string, string> = {}) =>
    serve(call({ body, headers }));

  it("that is not JSON is 400 invalid_input", async () => {
    for (const text of ["{", "question=1", "\u0000"]) {
      const response = await post(text);
      expect([response.status, (await bodyOf(response)).code]).toEqual([400, "invalid_input"]);
    }
  });

  it("that is wrong is 422 invalid_input, with the path of each field", async () => {
    const response = await post(JSON.stringify({ question: "ab", options: [{ label: 1 }] }));
    const body = await bodyOf(response);
    expect([response.status, body.code]).toEqual([422, "invalid_input"]);
    const { fields } = body.detail as { fields: { path: string }[] };
    expect(fields.map(({ path }) => path)).toEqual(["question", "options.0.label"]);
  });

  it("that is missing names what is missing", async () => {
    const body = await bodyOf(await post(""));
    expect(JSON.stringify(body.detail)).toContain("question");
  });

  it("of another type is 415", async () => {
    expect((await post("<a/>", { "content-type": "text/xml" })).status).toBe(415);
  });

  it("wrong in a hundred places names at most twenty", async () => {
    const response = await post(
      JSON.stringify({
        question: "abc",
        options: Array.from({ length: 100 }, () => ({ label: 1 })),
      }),
    );
    expect(((await bodyOf(response)).detail as { fields: unknown[] }).fields).toHaveLength(20);
  });
});
