// Edge functions in Deno: who may call them, what they see, and how they fail.
import { Agent, request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Stack } from "../../../scripts/stack/stack.ts";
import { clientOf, ownStack, personOf } from "../../setup/own-stack.ts";
import { type Client, until } from "../../setup/stack.ts";

let stack: Stack;
let person: { id: string; client: Client };

beforeAll(async () => {
  process.env.LYCEUM_TEST_SETTING = "handed on";
  process.env.DATABASE_PASSWORD = "not for functions";
  stack = await ownStack({
    functions: "tests/fixtures/functions",
    workers: 0,
    env: { AI_TEST: "given" },
  });
  person = await personOf(stack, "functions@lyceum.test");
});
afterAll(async () => {
  delete process.env.DATABASE_PASSWORD;
  delete process.env.LYCEUM_TEST_SETTING;
  await stack?.stop();
});

const call = (path: string, init?: RequestInit) => fetch(`${stack.url}/functions/v1/${path}`, init);
const statusOf = (error: { context?: Response } | null) => error?.context?.status;

describe("callers", () => {
  test("a user is known by his token, and acts under row-level security", async () => {
    const { data, error } = await person.client.functions.invoke("who-user");
    expect(error).toBeNull();
    expect(data).toMatchObject({
      authMode: "user",
      userId: person.id,
      data: { uid: person.id, role: "authenticated" },
      admin: { uid: null, role: "service_role" },
    });
  });

  test("the secret key opens what is for servers", async () => {
    const { data, error } = await clientOf(stack, stack.secretKey).functions.invoke("who-secret");
    expect(error).toBeNull();
    expect(data).toMatchObject({ authMode: "secret", admin: { role: "service_role" } });
  });

  test("nobody else comes in by either door", async () => {
    const anonymous = clientOf(stack);
    for (const name of ["who-user", "who-secret"]) {
      expect(statusOf((await anonymous.functions.invoke(name)).error)).toBe(401);
      const wrong = clientOf(stack, "sb_secret_wrong");
      expect(statusOf((await wrong.functions.invoke(name)).error)).toBe(401);
      expect((await call(name, { method: "POST" })).status).toBe(401);
    }
    expect(statusOf((await person.client.functions.invoke("who-secret")).error)).toBe(401);
    const { data } = await person.client.auth.getSession();
    const forged = `${data.session?.access_token.slice(0, -4)}AAAA`;
    const response = await call("who-user", {
      method: "POST",
      headers: { apikey: stack.publishableKey, Authorization: `Bearer ${forged}` },
    });
    expect(response.status).toBe(401);
  });
});

describe("what a function sees", () => {
  test("is its own path, the method and the body", async () => {
    const response = await call("echo/deep/er?x=1", { method: "PUT", body: "a body" });
    expect(await response.json()).toMatchObject({
      method: "PUT",
      path: "/echo/deep/er?x=1",
      body: "a body",
    });
  });

  test("also the question of a browser whether it may call", async () => {
    const response = await call("echo", { method: "OPTIONS" });
    expect(await response.json()).toMatchObject({ method: "OPTIONS" });
    const answered = await call("who-user", { method: "OPTIONS" });
    expect(answered.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("is no secret of the machine, and none of its files", async () => {
    const { names, readsHome } = await (await call("echo")).json() as {
      names: string[];
      readsHome: string;
    };
    expect(names).toEqual(expect.arrayContaining([
      "SUPABASE_URL",
      "SUPABASE_PUBLISHABLE_KEYS",
      "SUPABASE_SECRET_KEYS",
      "SUPABASE_JWKS",
      "AI_TEST",
      "LYCEUM_TEST_SETTING",
    ]));
    expect(names).not.toContain("DATABASE_PASSWORD");
    expect(names.filter((name) => /^(npm_|VITEST|NODE_|USER|SSH|AWS)/.test(name))).toEqual([]);
    expect(readsHome).toMatch(/NotCapable|PermissionDenied/);
  });

  test("an answer streams through as it is made", async () => {
    const started = Date.now();
    const response = await call("stream");
    const times: number[] = [];
    let text = "";
    for await (const chunk of response.body ?? []) {
      times.push(Date.now() - started);
      text += new TextDecoder().decode(chunk);
    }
    expect(text).toBe("data: one\n\ndata: two\n\ndata: three\n\n");
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(200);
  });
});

describe("failures", () => {
  test("an unknown function, one that does not load and one without a handler say so", async () => {
    const unknown = await call("no-such-function");
    expect([unknown.status, await unknown.json()]).toEqual([404, {
      code: "NOT_FOUND",
      message: "Requested function was not found",
    }]);
    const broken = await call("broken");
    expect([broken.status, await broken.json()]).toEqual([503, {
      code: "BOOT_ERROR",
      message: "Function failed to start (please check logs)",
      detail: "broken on purpose",
    }]);
    const empty = await call("no-handler");
    expect([empty.status, await empty.json()]).toMatchObject([503, {
      detail: "functions/no-handler/index.ts has no `export default { fetch }`",
    }]);
  });

  test("an error in one call is masked, and ends nothing else", async () => {
    const thrown = await call("crash?how=throw");
    expect(thrown.status).toBe(500);
    expect(await thrown.text()).not.toContain("on purpose");
    expect((await call("crash?how=reject")).status).toBe(200);
    expect((await call("echo")).status).toBe(200);
  });

  test("a crashed process is started anew", async () => {
    expect((await call("crash?how=exit")).status).toBe(503);
    const again = await until(async () => {
      const response = await call("echo");
      return response.ok && response;
    }, "the functions to be back");
    expect(again.status).toBe(200);
  });
});

test("a body that a function does not read keeps nobody waiting on the same connection", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = (path: string, body: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": body.length };
      const asked = request(
        `${stack.url}${path}`,
        { agent, method: "POST", headers },
        (answer) => answer.resume().once("end", () => resolve(answer.statusCode ?? 0)),
      );
      asked.once("error", reject).end(body);
    });
  expect(await send("/functions/v1/who-user", "x".repeat(3_000_000))).toBe(401);
  expect(await send("/functions/v1/who-user", "{}")).toBe(401);
  agent.destroy();
});
