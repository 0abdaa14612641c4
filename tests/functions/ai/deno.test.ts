// The edge functions run in Deno, these tests in Node. One run in real Deno shows that the modules load
// there, that the providers work, and that both runtimes agree to the last digit.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embedLexically } from "../../../functions/_shared/ai/embeddings-local.ts";
import { createLocalAnswers } from "../../../functions/_shared/ai/local.ts";
import { completion, type FakeOpenAi, startFakeOpenAi } from "../../fixtures/ai/openai-server.ts";
import { COVERED, PASSAGES } from "../../fixtures/ai/heart-and-kidney.ts";
import { TINY_DIMENSIONS, writeTinyModel } from "../../fixtures/ai/tiny-model.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const DENO = join(ROOT, "node_modules", ".bin", "deno");
const run = promisify(execFile);

interface Report {
  answers: { text: string; confidence: number }[];
  vector: number[];
  chat: { text: string; error: string };
  tiny: number[];
  endpoint: { status: number; code: string };
}

let server: FakeOpenAi;
let models: string;
let report: Report;

beforeAll(async () => {
  expect(existsSync(DENO)).toBe(true);
  server = await startFakeOpenAi();
  server.script(completion("Hi from loopback"));
  models = await mkdtemp(join(tmpdir(), "tiny-model-"));
  await writeTinyModel(models, "tiny/bert");
  const { stdout } = await run(DENO, [
    "run",
    "--no-prompt",
    "--cached-only",
    "--allow-env",
    "--allow-sys",
    "--allow-ffi",
    "--allow-net=127.0.0.1",
    `--allow-read=${ROOT},${models}`,
    join(ROOT, "tests", "fixtures", "ai", "deno-probe.ts"),
  ], {
    cwd: ROOT,
    timeout: 60_000,
    maxBuffer: 10 * 1024 * 1024,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DO_NOT_TRACK: "1",
      NO_COLOR: "1",
      AI_PROVIDER: "openai",
      OPENAI_API_KEY: "sk-test-123456",
      OPENAI_BASE_URL: server.url,
      EMBEDDINGS_PROVIDER: "transformers",
      EMBEDDINGS_MODEL: "tiny/bert",
      EMBEDDINGS_DIMENSIONS: String(TINY_DIMENSIONS),
      TRANSFORMERS_MODEL_PATH: models,
    },
  });
  report = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Report;
}, 90_000);

afterAll(async () => {
  await server.close();
  await rm(models, { recursive: true, force: true });
});

describe("in Deno", () => {
  it("the local provider gives the same answers as in Node", async () => {
    const expected = await Promise.all(COVERED.map(async ({ question }) => {
      const answer = await createLocalAnswers().answerFromPassages({
        question,
        passages: PASSAGES,
      });
      return { text: answer.text, confidence: answer.confidence };
    }));
    expect(report.answers).toEqual(expected);
  });

  it("the local embedding gives the same vector as in Node", () => {
    expect(report.vector).toEqual(embedLexically("How does the kidney filter blood?"));
  });

  it("the openai client reaches a server on loopback, with settings from the environment", () => {
    expect(report.chat.text).toBe("Hi from loopback");
    expect(server.received[0]?.headers.authorization).toBe("Bearer sk-test-123456");
  });

  it("a wrong setting is the same error as in Node", () => {
    expect(report.chat.error).toBe("not_configured");
  });

  it("a model directory is loaded by @huggingface/transformers", () => {
    expect(report.tiny).toHaveLength(TINY_DIMENSIONS);
  });

  it("an endpoint answers", () => {
    expect(report.endpoint).toEqual({ status: 401, code: "not_authenticated" });
  });
});
