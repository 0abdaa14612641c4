import { describe, expect, it } from "vitest";
import { envFrom } from "../../../functions/_shared/config.ts";
import { costMicroUsd, OPENAI_PRICES, readPrices } from "../../../functions/_shared/ai/prices.ts";
import { backoffMs, readRetryAfter } from "../../../functions/_shared/ai/retry.ts";

const usage = (inputTokens: number, outputTokens = 0, cachedInputTokens = 0) => ({
  inputTokens,
  outputTokens,
  cachedInputTokens,
});

describe("prices", () => {
  it("are per token, in millionths of a dollar", () => {
    expect(costMicroUsd(OPENAI_PRICES, "gpt-4o", usage(1_000_000, 1_000_000))).toBe(12_500_000);
    expect(costMicroUsd(OPENAI_PRICES, "gpt-4o-2024-08-06", usage(1000))).toBe(2500);
  });

  it("are not known for a model that merely starts alike", () => {
    expect(costMicroUsd(OPENAI_PRICES, "gpt-4o-audio-preview", usage(1000))).toBeNull();
  });

  it("never count more cached tokens than there are", () => {
    expect(costMicroUsd(OPENAI_PRICES, "gpt-4o", usage(10, 0, 99))).toBe(13);
  });

  it("of OpenAI hold for its own address only; AI_PRICES holds anywhere", () => {
    const mine = envFrom({ AI_PRICES: '{"m":{"input":1}}' });
    expect(readPrices(envFrom({}), "https://api.openai.com/v1")).toBe(OPENAI_PRICES);
    expect(readPrices(envFrom({}), "http://localhost:11434/v1")).toEqual({});
    expect(readPrices(mine, "http://localhost/v1")).toEqual({ m: { input: 1, output: 0 } });
  });
});

describe("waiting", () => {
  const policy = { timeoutMs: 1, deadlineMs: 1, maxAttempts: 1 };

  it("reads Retry-After as seconds, as a date and in milliseconds", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    const read = (headers: Record<string, string>) => readRetryAfter(new Headers(headers), now);
    expect(read({ "retry-after": "7" })).toBe(7);
    expect(read({ "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" })).toBe(30);
    expect(read({ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" })).toBe(0);
    expect(read({ "retry-after-ms": "1500", "retry-after": "9" })).toBe(1.5);
    expect(read({ "retry-after": "soon" })).toBeUndefined();
    expect(read({})).toBeUndefined();
  });

  it("grows, is jittered, and has a ceiling", () => {
    const waits = (random: number) =>
      [1, 2, 3, 9].map((attempt) => backoffMs(attempt, { ...policy, random: () => random }));
    expect(waits(1)).toEqual([500, 1000, 2000, 8000]);
    expect(waits(0)).toEqual([250, 500, 1000, 4000]);
  });
});
