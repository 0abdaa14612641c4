import { describe, expect, it } from "vitest";
import { createLogger, redact } from "../../../functions/_shared/log.ts";
import {
  ConfigError,
  envFrom,
  readChoice,
  readInteger,
  readRequired,
  readUrl,
  runtimeEnv,
} from "../../../functions/_shared/config.ts";

const log = (fields: Record<string, unknown>) => {
  const lines: string[] = [];
  createLogger({ function: "f" }, (line) => lines.push(line), () => new Date(0)).with({
    requestId: "r",
  }).info("event", fields);
  return lines[0] ?? "";
};

describe("a log line", () => {
  it("is one JSON object with time, level, event and its context", () => {
    expect(JSON.parse(log({ n: 1 }))).toEqual({
      time: "1970-01-01T00:00:00.000Z",
      level: "info",
      event: "event",
      function: "f",
      requestId: "r",
      n: 1,
    });
    expect(log({ text: "two\nlines" })).not.toContain("\n");
  });

  it.each([
    ["by field", { password: "hunter2", nested: { apiKey: "hunter2", access_token: "hunter2" } }],
    ["in text", { text: "key sk-hunter2abcdef and Bearer hunter2.x and sb_secret_hunter2" }],
    ["as JWT", { text: "eyJhbGciOiJI.hunter2.hunter2" }],
    ["in an address", { text: "postgres://user:hunter2@host/db" }],
    ["in an error and its cause", {
      error: new Error("Bearer hunter2", { cause: new Error("sb_secret_hunter2") }),
    }],
  ])("has no secret %s", (_name, fields) => {
    expect(log(fields)).not.toContain("hunter2");
  });

  it("survives cycles, big numbers, bytes and long texts", () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const line = log({
      cycle,
      big: 10n,
      bytes: new Uint8Array(5),
      long: "x".repeat(10_000),
      date: new Date(Number.NaN),
    });
    expect(line.length).toBeLessThan(6000);
    expect(JSON.parse(line)).toMatchObject({ big: "10", bytes: "[5 bytes]", date: null });
  });

  it("leaves the token counts of AI calls alone", () => {
    expect(redact({ input_tokens: 5 })).toEqual({ input_tokens: 5 });
  });
});

describe("settings", () => {
  it("take an empty value as unset", () => {
    expect(envFrom({ A: "  " })("A")).toBeUndefined();
    expect(readInteger(envFrom({ A: "" }), "A", { fallback: 3, min: 0, max: 9 })).toBe(3);
  });

  it("read the real environment of this runtime", () => {
    expect(runtimeEnv("PATH")).toBeTruthy();
    expect(runtimeEnv("SURELY_NOT_SET_ANYWHERE")).toBeUndefined();
  });

  it("name the variable when they are wrong", () => {
    const env = envFrom({ N: "1.5", C: "z", U: "nowhere" });
    expect(() => readInteger(env, "N", { fallback: 1, min: 0, max: 9 })).toThrow(
      /^N must be a whole number from 0 to 9/,
    );
    expect(() => readChoice(env, "C", ["a", "b"], "a")).toThrow(
      'C is "z"; it must be one of: a, b.',
    );
    expect(() => readUrl(env, "U", "http://x")).toThrow(/^U must be an http/);
    expect(() => readRequired(env, "R", "it is needed.")).toThrow(ConfigError);
  });
});
