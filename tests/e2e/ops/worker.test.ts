// process-jobs over HTTP: who may call it, and that it takes the body with which the database calls it.
import { describe, expect, test } from "vitest";
import { signUp, sql, stack } from "../../setup/stack.ts";

const call = (body: unknown, headers: Record<string, string>, method = "POST") =>
  fetch(`${stack().url}/functions/v1/process-jobs`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(method === "GET" ? {} : { body: JSON.stringify(body) }),
  });
const secret = () => ({ apikey: stack().secretKey });

describe("process-jobs", () => {
  test("works on what is due and says how much", async () => {
    const response = await call({ seconds: 1 }, secret());
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ failed: 0, leaseLost: 0 });
  });

  test("takes the body that the database sends on an enqueue", async () => {
    // What pg_net would post on hosted Supabase, read from the function itself.
    const [wake] = await sql<{ source: string }>(
      "select prosrc as source from pg_catalog.pg_proc where oid = 'private.wake_workers'::regproc",
    );
    const keys = /jsonb_build_object\('(\w+)', \$3\)/.exec(wake?.source ?? "");
    expect(keys?.[1]).toBe("queue");
    const response = await call({ [keys?.[1] ?? ""]: "default" }, secret());
    expect(response.status).toBe(200);
  });

  test("leaves the jobs of another queue alone", async () => {
    const response = await call({ queue: "nobody-works-here", seconds: 1 }, secret());
    expect(await response.json()).toEqual({ claimed: 0, done: 0, failed: 0, leaseLost: 0 });
  });

  test.each([
    ["no key at all", {}],
    ["the publishable key", { apikey: "publishable" }],
    ["a wrong secret key", { apikey: "sb_secret_wrong" }],
  ])("refuses %s", async (_name, headers: Record<string, string>) => {
    const apikey = headers.apikey === "publishable" ? stack().publishableKey : headers.apikey;
    const response = await call({}, apikey ? { apikey } : {});
    expect(response.status).toBe(401);
    expect(await response.json()).toHaveProperty("code");
  });

  test("refuses a signed-in user", async () => {
    const person = await signUp();
    const response = await call({}, {
      apikey: stack().publishableKey,
      authorization: `Bearer ${person.accessToken}`,
    });
    expect(response.status).toBe(401);
  });

  test("names what is wrong with its input, in the shape of every error", async () => {
    const response = await call({ seconds: "soon", jobs: 3 }, secret());
    expect(response.status).toBe(422);
    const body = await response.json() as { code: string; detail: { fields: { path: string }[] } };
    expect(body).toMatchObject({ code: "invalid_input", requestId: expect.any(String) });
    expect(body.detail.fields.map((field) => field.path)).toContain("seconds");
  });

  test("answers other methods with 405", async () => {
    expect((await call({}, secret(), "GET")).status).toBe(405);
  });
});
