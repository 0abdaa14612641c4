import { describe, expect, it } from "vitest";
import { z } from "zod";
import { envFrom } from "../../../functions/_shared/config.ts";
import { fail, ok } from "../../../functions/_shared/http/index.ts";
import { bodyOf, build, call, echo, SECRET_KEY, USER } from "./caller.ts";

describe("a good call", () => {
  it("gets the data, the caller's id, a request id and CORS", async () => {
    const response = await build({}, echo).serve(call());
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toEqual({ userId: USER });
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("keeps a sane request id of the caller, and no other", async () => {
    const { serve } = build({}, echo);
    const given = await serve(call({ headers: { "x-request-id": "trace-12345678" } }));
    expect(given.headers.get("x-request-id")).toBe("trace-12345678");
    const odd = await serve(call({ headers: { "x-request-id": "<script>" } }));
    expect(odd.headers.get("x-request-id")).not.toContain("<");
  });

  it("passes the checked body, the raw body and the path on", async () => {
    const { serve } = build(
      { body: z.object({ n: z.coerce.number() }), subPaths: true },
      ({ body, rawBody, path }) =>
        Promise.resolve(ok({ n: body.n, raw: rawBody.byteLength, path })),
    );
    const response = await serve(call({ path: "/functions/v1/ask/more/", body: '{"n":"7"}' }));
    expect(await bodyOf(response)).toEqual({ n: 7, raw: 9, path: "/more" });
  });

  it("lets a handler answer by itself, e.g. with a stream", async () => {
    const { serve } = build(
      {},
      () =>
        Promise.resolve(
          new Response("data: 1\n\n", { headers: { "content-type": "text/event-stream" } }),
        ),
    );
    const response = await serve(call());
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("x-request-id")).toBeTruthy();
    expect(await response.text()).toBe("data: 1\n\n");
  });

  it("204 has no body", async () => {
    const { serve } = build({}, () => Promise.resolve(ok(null, { status: 204 })));
    const response = await serve(call());
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });
});

describe("what the handler says", () => {
  it("a failure becomes the uniform body", async () => {
    const { serve } = build(
      {},
      () =>
        Promise.resolve(
          fail(409, "booking_slot_taken", { hint: "Ask again.", headers: { "retry-after": "3" } }),
        ),
    );
    const response = await serve(call());
    expect(response.status).toBe(409);
    expect(response.headers.get("retry-after")).toBe("3");
    expect(await bodyOf(response)).toEqual({
      code: "booking_slot_taken",
      message: "Booking slot taken.",
      hint: "Ask again.",
      requestId: response.headers.get("x-request-id"),
    });
  });

  it("an exception is logged with its request id, without secrets, and masked", async () => {
    const { serve, lines } = build(
      {},
      () =>
        Promise.reject(new Error(`connect postgres://admin:hunter2@db failed with ${SECRET_KEY}`)),
    );
    const response = await serve(call());
    const body = await bodyOf(response);
    expect([response.status, body.code]).toEqual([500, "internal_error"]);
    expect(JSON.stringify(body)).not.toMatch(/postgres|hunter2/);
    const logged = JSON.stringify(lines);
    expect(logged).toContain("unexpected_error");
    expect(logged).toContain(String(body.requestId));
    expect(logged).not.toMatch(/hunter2|sb_secret_test/);
  });

  it("a thrown value that is no error is masked too", async () => {
    const { serve } = build({}, () => Promise.reject("oops" as unknown as Error));
    expect((await serve(call())).status).toBe(500);
  });
});

describe("CORS", () => {
  const preflight = (origin: string) =>
    new Request("http://edge/ask", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    });

  it("answers the preflight without credentials", async () => {
    const response = await build({}, echo).serve(preflight("https://app.example"));
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-methods")).toBe("POST, OPTIONS");
    expect(response.headers.get("access-control-allow-headers")).toContain("idempotency-key");
  });

  it("stands on errors as well", async () => {
    const response = await build({}, echo).serve(
      new Request("http://edge/ask", { method: "POST" }),
    );
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("can be narrowed to some origins", async () => {
    const env = envFrom({ CORS_ALLOWED_ORIGINS: "https://a.example, https://b.example" });
    const { serve } = build({ env }, echo);
    const allowed = await serve(preflight("https://b.example"));
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://b.example");
    expect(allowed.headers.get("vary")).toBe("Origin");
    expect(
      (await serve(preflight("https://evil.example"))).headers.has("access-control-allow-origin"),
    ).toBe(false);
  });
});
