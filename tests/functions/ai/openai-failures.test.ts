import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createOpenAiChat, type OpenAiSettings } from "../../../functions/_shared/ai/openai.ts";
import { OPENAI_PRICES } from "../../../functions/_shared/ai/prices.ts";
import type { ChatModel } from "../../../functions/_shared/ai/types.ts";
import {
  completion,
  failure,
  type FakeOpenAi,
  hang,
  raw,
  startFakeOpenAi,
} from "../../fixtures/ai/openai-server.ts";

let server: FakeOpenAi;
const KEY = "sk-test-key-1234567890";

beforeAll(async () => {
  server = await startFakeOpenAi();
});
afterAll(() => server.close());

const settings = (changes: Partial<OpenAiSettings> = {}): OpenAiSettings => ({
  apiKey: KEY,
  baseUrl: server.url,
  model: "gpt-4o-mini",
  prices: OPENAI_PRICES,
  timeoutMs: 2000,
  deadlineMs: 8000,
  maxAttempts: 3,
  baseDelayMs: 5,
  maxDelayMs: 20,
  ...changes,
});

let chat: ChatModel;
beforeEach(() => {
  chat = createOpenAiChat(settings());
});

const hello = { messages: [{ role: "user" as const, content: "Hello" }] };

describe("failures that stay", () => {
  const fails = async (expected: Record<string, unknown>, requests: number) => {
    await expect(chat.complete(hello)).rejects.toMatchObject({ name: "AiError", ...expected });
    expect(server.received).toHaveLength(requests);
  };

  it("a bad key is not tried again, and does not appear in the message", async () => {
    server.script(
      failure(401, { message: `Incorrect API key provided: ${KEY}`, code: "invalid_api_key" }),
    );
    await fails({ code: "bad_key", retryable: false, attempts: 1 }, 1);
    await expect(chat.complete(hello)).rejects.toThrow(/OPENAI_API_KEY/);
    await expect(chat.complete(hello)).rejects.not.toThrow(KEY);
  });

  it("a key without permission", async () => {
    server.script(failure(403));
    await fails({ code: "bad_key" }, 1);
  });

  it("too many requests, for too long: the caller learns when to come back", async () => {
    server.script(failure(429, {}, { "retry-after": "120" }));
    await fails({ code: "rate_limited", retryable: true, retryAfterSeconds: 120 }, 1);
  });

  it("a used-up quota is not tried again", async () => {
    server.script(failure(429, { code: "insufficient_quota" }));
    await fails({ code: "rate_limited", retryable: false }, 1);
  });

  it("a server that stays down, after three attempts", async () => {
    server.script(failure(503));
    await fails({ code: "unavailable", retryable: true, attempts: 3 }, 3);
  });

  it("nobody listening", async () => {
    chat = createOpenAiChat(settings({ baseUrl: "http://127.0.0.1:9/v1", maxAttempts: 2 }));
    await expect(chat.complete(hello)).rejects.toMatchObject({ code: "unavailable", attempts: 2 });
  });

  it("silence, until the deadline and not longer", async () => {
    chat = createOpenAiChat(settings({ timeoutMs: 150, deadlineMs: 400, maxAttempts: 10 }));
    server.script(hang);
    const started = performance.now();
    await expect(chat.complete(hello)).rejects.toMatchObject({ code: "timeout", retryable: true });
    expect(performance.now() - started).toBeLessThan(900);
  });

  it("an unknown model", async () => {
    server.script(failure(404, { code: "model_not_found" }));
    await fails({ code: "not_configured", retryable: false }, 1);
  });

  it("too long an input", async () => {
    server.script(
      failure(400, { code: "context_length_exceeded", message: "maximum context length" }),
    );
    await fails({ code: "too_long", retryable: false }, 1);
  });

  it("a refusal, and a content filter", async () => {
    server.script(completion(null, { refusal: "I cannot help with that." }));
    await fails({ code: "refused", retryable: false }, 1);
    server.script(completion("", { finish: "content_filter" }));
    await fails({ code: "refused" }, 1);
    server.script(failure(400, { code: "content_policy_violation" }));
    await fails({ code: "refused" }, 1);
  });

  it("garbage: no JSON, no choices, nothing said", async () => {
    server.script(raw(200, "<html>gateway</html>"));
    await fails({ code: "malformed_output", attempts: 3 }, 3);
    server.script(raw(200, { hello: "world" }));
    await fails({ code: "malformed_output" }, 3);
    server.script(completion("  "));
    await fails({ code: "malformed_output" }, 1);
    server.script(raw(200, "<html>", { "content-type": "text/html" }));
    await fails({ code: "malformed_output" }, 3);
  });

  it("the caller's own abort is not an AiError, and ends the waiting at once", async () => {
    server.script(hang);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const started = performance.now();
    await expect(chat.complete({ ...hello, signal: controller.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
