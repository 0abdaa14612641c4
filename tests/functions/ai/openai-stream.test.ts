import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOpenAiChat, type OpenAiSettings } from "../../../functions/_shared/ai/openai.ts";
import { OPENAI_PRICES } from "../../../functions/_shared/ai/prices.ts";
import type { ChatResult } from "../../../functions/_shared/ai/types.ts";
import {
  DONE,
  events,
  failure,
  type FakeOpenAi,
  finished,
  hang,
  refusal,
  reset,
  startFakeOpenAi,
  usageChunk,
  word,
} from "../../fixtures/ai/openai-server.ts";

let server: FakeOpenAi;
beforeAll(async () => {
  server = await startFakeOpenAi();
});
afterAll(() => server.close());

const read = async (changes: Partial<OpenAiSettings> = {}, signal?: AbortSignal) => {
  const chat = createOpenAiChat({
    apiKey: "sk-test-123456",
    baseUrl: server.url,
    model: "gpt-4o-mini",
    prices: OPENAI_PRICES,
    timeoutMs: 1500,
    deadlineMs: 4000,
    maxAttempts: 3,
    baseDelayMs: 5,
    ...changes,
  });
  const deltas: string[] = [];
  let result: ChatResult | undefined;
  for await (
    const event of chat.stream({ messages: [{ role: "user", content: "Hello" }], signal })
  ) {
    if (event.type === "delta") deltas.push(event.text);
    else result = event.result;
  }
  return { deltas, result };
};

const WHOLE = [word("The "), word("kidney "), word("filters."), finished(), usageChunk, DONE];

describe("a stream", () => {
  it("hands on each piece, then the whole with tokens and cost", async () => {
    server.script(events(WHOLE));
    const { deltas, result } = await read();
    expect(deltas).toEqual(["The ", "kidney ", "filters."]);
    expect(result).toMatchObject({
      text: "The kidney filters.",
      model: "gpt-4o-mini-2024-07-18",
      finishReason: "stop",
      usage: { inputTokens: 1000, outputTokens: 200 },
      costMicroUsd: 270,
      attempts: 1,
    });
    expect(server.received[0]?.body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("without usage has no cost", async () => {
    server.script(events([word("x"), finished(), DONE]));
    expect((await read()).result).toMatchObject({ costMicroUsd: null, text: "x" });
  });

  it("says when it was cut off", async () => {
    server.script(events([word("x"), finished("length"), usageChunk, DONE]));
    expect((await read()).result?.finishReason).toBe("length");
  });

  it.each([
    ["a 503", failure(503)],
    ["a 429", failure(429, {}, { "retry-after-ms": "20" })],
    ["a reset", reset],
    ["a stream that ends before its first word", events([], "end")],
    ["a stream that breaks before its first word", events([], "break")],
  ])("is begun anew after %s", async (_name, first) => {
    server.script(first, events(WHOLE));
    expect((await read()).result).toMatchObject({ text: "The kidney filters.", attempts: 2 });
  });
});

describe("a broken stream", () => {
  const breaks = async (
    expected: Record<string, unknown>,
    changes: Partial<OpenAiSettings> = {},
  ) => {
    await expect(read(changes)).rejects.toMatchObject({ name: "AiError", ...expected });
  };

  it("that disconnects in the middle gives what had arrived, and is not begun anew", async () => {
    server.script(events([word("The "), word("kidney ")], "break"));
    await breaks({ code: "unavailable", retryable: true, partialText: "The kidney ", attempts: 1 });
    expect(server.received).toHaveLength(1);
  });

  it("that just ends, without a reason, is broken too", async () => {
    server.script(events([word("The ")], "end"));
    await breaks({ code: "unavailable", partialText: "The " });
  });

  it("that just ends with [DONE] is broken too", async () => {
    server.script(events([word("The "), DONE], "end"));
    await breaks({ code: "unavailable", partialText: "The " });
  });

  it("with garbage in it", async () => {
    server.script(events([word("The "), "{not json"]));
    await breaks({ code: "malformed_output", partialText: "The " });
  });

  it("that falls silent", async () => {
    server.script(events([word("The ")], "hang"));
    const started = performance.now();
    await breaks({ code: "timeout", partialText: "The " }, { timeoutMs: 150 });
    expect(performance.now() - started).toBeLessThan(1200);
  });

  it("that never begins", async () => {
    server.script(hang);
    await breaks({ code: "timeout", attempts: 2 }, { timeoutMs: 100, maxAttempts: 2 });
  });

  it("with an error event", async () => {
    server.script(
      events([word("The "), { error: { message: "overloaded", type: "server_error" } }]),
    );
    await breaks({ code: "unavailable", partialText: "The " });
  });

  it("with a refusal, or stopped by the content filter", async () => {
    server.script(events([refusal("No."), finished(), DONE]));
    await breaks({ code: "refused" });
    server.script(events([word("Well "), finished("content_filter"), DONE]));
    await breaks({ code: "refused", partialText: "Well " });
  });

  it("with nothing in it", async () => {
    server.script(events([finished(), DONE]));
    await breaks({ code: "malformed_output" });
  });

  it("with a bad key", async () => {
    server.script(failure(401));
    await breaks({ code: "bad_key", attempts: 1 });
  });

  it("that the caller leaves", async () => {
    server.script(events([word("The ")], "hang"));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 60);
    await expect(read({}, controller.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});
