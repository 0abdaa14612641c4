// What becomes of a job when the AI provider fails: the real handlers and the real client, with a provider on loopback.
import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Database } from "../../../functions/_shared/db/types.ts";
import { createHandlers } from "../../../functions/process-jobs/handlers.ts";
import { failure, type FakeOpenAi, startFakeOpenAi } from "../../fixtures/ai/openai-server.ts";
import { job, PUMP } from "./fakes.ts";

let server: FakeOpenAi;
let recorded: Record<string, unknown>[] = [];

/** A database that has a question to be answered, and one passage. */
const admin = {
  schema: () => ({
    rpc: (name: string, args: Record<string, unknown>) => {
      if (name === "record_ai_call") recorded.push(args);
      const question = { proceed: true, question_type: "text", content: "What is the heart?" };
      const data: Record<string, unknown> = {
        begin_generation: { ...question, topic_id: null, revision: 0, notes: null, images: [] },
        retrieve_passages: [PUMP],
      };
      return Promise.resolve({ data: data[name] ?? null, error: null });
    },
  }),
} as unknown as SupabaseClient<Database>;

const generate = () => createHandlers(admin)["qa.generate"]?.(job(), new AbortController().signal);

beforeAll(async () => {
  server = await startFakeOpenAi();
});
afterAll(() => server.close());
afterEach(() => {
  vi.unstubAllEnvs();
  recorded = [];
});

describe("a job whose provider", () => {
  const settings = (over: Record<string, string> = {}) => {
    const env = { AI_PROVIDER: "openai", OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: server.url };
    for (const [name, value] of Object.entries({ ...env, AI_MAX_ATTEMPTS: "1", ...over })) {
      vi.stubEnv(name, value);
    }
  };

  it("refuses the key, dies at once and says why", async () => {
    settings();
    server.script(failure(401, { code: "invalid_api_key" }));
    expect(await generate()).toMatchObject({
      status: "failed",
      retry: false,
      error: expect.stringMatching(/^bad_key: .*OPENAI_API_KEY/),
    });
    expect(recorded).toMatchObject([{ p_status: "failed", p_error_code: "bad_key" }]);
  });

  it("is down, is tried again", async () => {
    settings();
    server.script(failure(503));
    expect(await generate()).toMatchObject({ status: "failed", retry: true });
  });

  it("asks for patience, comes back when it was told to", async () => {
    settings();
    server.script(failure(429, {}, { "retry-after": "40" }));
    expect(await generate()).toMatchObject({
      status: "failed",
      retry: true,
      retryAfterSeconds: expect.closeTo(40, -1),
    });
    expect(recorded).toMatchObject([{ p_status: "rate_limited" }]);
  });

  it("is not configured, waits for somebody to mend the setting", async () => {
    settings({ AI_PROVIDER: "opnai" });
    expect(await generate()).toMatchObject({
      status: "failed",
      retry: true,
      error: expect.stringContaining("opnai"),
    });
  });
});
