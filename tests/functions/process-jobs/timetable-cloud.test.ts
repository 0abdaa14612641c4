// Cloud OCR and the language model over HTTP, against servers on loopback that speak their protocols.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { envFrom } from "../../../functions/_shared/config.ts";
import { createCloudOcr } from "../../../functions/_shared/ocr/index.ts";
import { createReader } from "../../../functions/process-jobs/timetable/handlers.ts";
import { askModel } from "../../../functions/process-jobs/timetable/llm.ts";
import { completion, startFakeOpenAi } from "../../fixtures/ai/openai-server.ts";
import { azureAnswer } from "../../fixtures/ocr/azure-answer.ts";
import { modelBlock, page } from "./timetable-fakes.ts";

interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}
type Reply = (response: ServerResponse, asked: Asked) => void;

let server: Server | undefined;
afterEach(() => void server?.close());

/** Answers in the order of the replies; the last one stays. */
async function serve(...replies: Reply[]) {
  const asked: Asked[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      const { method = "", url = "", headers } = request;
      asked.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      reply?.(response, asked.at(-1)!);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const json = (value: unknown, status = 200, headers = {}): Reply => (response) =>
  response.writeHead(status, { "content-type": "application/json", ...headers })
    .end(JSON.stringify(value));

const cloudAt = (url: string, over: Record<string, string> = {}) =>
  createCloudOcr(envFrom({
    OCR_CLOUD_PROVIDER: "http",
    OCR_CLOUD_URL: url,
    OCR_CLOUD_KEY: "key-1",
    OCR_CLOUD_MAX_ATTEMPTS: "1",
    OCR_CLOUD_TIMEOUT_MS: "2000",
    ...over,
  }))!;
const request = { bytes: Uint8Array.from([37, 80, 68, 70]), mimeType: "application/pdf" as const };
const reading = { engine: "sharp eyes 2", pages: [page("Maths 9.00 - 10.00")] };

describe("which service is asked", () => {
  it("is none without a setting, and one that is half set up says what is missing", () => {
    expect(createCloudOcr(envFrom({}))).toBeNull();
    const wrong = (values: Record<string, string>) => () => createCloudOcr(envFrom(values));
    expect(wrong({ OCR_CLOUD_PROVIDER: "http" })).toThrow("OCR_CLOUD_URL");
    expect(wrong({ OCR_CLOUD_PROVIDER: "azure", OCR_CLOUD_URL: "https://x.test" }))
      .toThrow("OCR_CLOUD_KEY");
    expect(wrong({ OCR_CLOUD_PROVIDER: "magic" })).toThrow("none, http, azure");
    expect(wrong({ OCR_CLOUD_PROVIDER: "http", OCR_CLOUD_URL: "file:///etc" })).toThrow("http");
  });
});

describe("a service that speaks our contract", () => {
  it("gets the file and answers with pages", async () => {
    const { url, asked } = await serve(json(reading));
    const cloud = cloudAt(url, { OCR_CLOUD_MICRO_USD_PER_PAGE: "1500" });
    const answer = await cloud.read(request);
    expect(answer).toMatchObject({ document: reading, costMicroUsd: 1500, attempts: 1 });
    expect(asked).toMatchObject([{
      method: "POST",
      body: "%PDF",
      headers: { "content-type": "application/pdf", authorization: "Bearer key-1" },
    }]);
  });

  it("may fail once", async () => {
    const { url } = await serve(json({}, 503, { "retry-after": "0" }), json(reading));
    const cloud = cloudAt(url, { OCR_CLOUD_MAX_ATTEMPTS: "2" });
    expect(await cloud.read(request)).toMatchObject({ attempts: 2, costMicroUsd: null });
  });

  it.each<[string, Reply, string, boolean]>([
    ["refuses the key", json({}, 401), "bad_key", false],
    ["is too busy", json({}, 429, { "retry-after": "9" }), "rate_limited", true],
    ["is down", json({}, 502), "unavailable", true],
    ["does not want this file", json({}, 422), "refused", false],
    ["is at another address", json({}, 404), "not_configured", false],
    ["answers something else", json({ pages: [{ number: 1 }] }), "malformed_output", false],
    ["answers no JSON", (response) => response.end("<html>"), "malformed_output", false],
    ["breaks off", (response) => response.destroy(), "unavailable", true],
    [
      "sends elsewhere",
      (r) => r.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
      "unavailable",
      true,
    ],
  ])("that %s", async (_what, reply, code, retryable) => {
    const { url } = await serve(reply);
    await expect(cloudAt(url).read(request)).rejects.toMatchObject({ code, retryable });
  });

  it("that never answers is given up", async () => {
    const { url } = await serve(() => undefined);
    const cloud = cloudAt(url, { OCR_CLOUD_TIMEOUT_MS: "50" });
    await expect(cloud.read(request)).rejects.toMatchObject({ code: "timeout" });
    server?.closeAllConnections();
  });
});

describe("Azure", () => {
  const azureAt = (url: string) => cloudAt(url, { OCR_CLOUD_PROVIDER: "azure" });
  const accepted = (place?: string): Reply => (response, { headers }) =>
    response.writeHead(202, {
      "operation-location": place ?? `http://${headers.host}/documentintelligence/results/1`,
    }).end();

  it("is handed the file, asked until the result is there, and its layout becomes pages", async () => {
    const { url, asked } = await serve(accepted(), json({ status: "running" }), json(azureAnswer));
    const { document } = await azureAt(url).read(request);
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /documentintelligence/documentModels/prebuilt-layout:analyze?api-version=2024-11-30",
      "GET /documentintelligence/results/1",
      "GET /documentintelligence/results/1",
    ]);
    expect(asked.map(({ headers }) => headers["ocp-apim-subscription-key"]))
      .toEqual(["key-1", "key-1", "key-1"]);
    expect(document.engine).toBe("azure prebuilt-layout 2024-11-30");
    const [read] = document.pages;
    // Inches became points.
    expect(read).toMatchObject({ number: 1, width: 792, height: 612, source: "ocr" });
    expect(read?.lines.map(({ text }) => text)).toEqual(["Class 4B"]);
    const [table] = read?.tables ?? [];
    expect(table).toMatchObject({ rows: 2, columns: 2, rowEdges: [72, 108, 144] });
    expect(table?.columnEdges).toEqual([72, 216, 360]);
    expect(table?.cells.map((c) => [c.row, c.column, c.columnSpan, c.lines.map((l) => l.text)]))
      .toEqual([
        [0, 0, 1, ["Monday"]],
        [0, 1, 1, ["9.00 -", "10.00"]],
        [1, 0, 2, ["Maths"]],
      ]);
    expect(table?.cells[0]?.lines[0]).toMatchObject({ confidence: 0.98, rotation: 0 });
  });

  it("that does not read it says why", async () => {
    const error = { code: "InvalidContent", message: "The file is corrupted." };
    const { url } = await serve(accepted(), json({ status: "failed", error }));
    await expect(azureAt(url).read(request)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("InvalidContent"),
    });
  });

  it("gets the key at its own address only", async () => {
    const { url, asked } = await serve(accepted("http://127.0.0.1:1/results/1"));
    await expect(azureAt(url).read(request)).rejects.toMatchObject({ code: "malformed_output" });
    expect(asked).toHaveLength(1);
  });
});

describe("the model", () => {
  const envOf = (url: string, over = {}) =>
    envFrom({
      AI_TIMETABLE: "on",
      AI_PROVIDER: "openai",
      OPENAI_BASE_URL: url,
      OPENAI_API_KEY: "sk-1",
      AI_MODEL: "seer",
      AI_PRICES: '{"seer":{"input":1,"output":2}}',
      ...over,
    });

  it("is off unless it is switched on, and cannot be the local provider", () => {
    expect(createReader(envFrom({}), () => undefined)).toBeNull();
    expect(() => createReader(envFrom({ AI_TIMETABLE: "on" }), () => undefined))
      .toThrow("AI_PROVIDER");
  });

  it("is shown the picture, answers in the form, and what it cost is recorded", async () => {
    const fake = await startFakeOpenAi();
    const entries: unknown[] = [];
    try {
      fake.script(completion(JSON.stringify({ blocks: [modelBlock()] }), { model: "seer" }));
      const reader = createReader(
        envOf(fake.url, { AI_TIMETABLE_VISION: "on" }),
        (entry) => void entries.push(entry),
      )!;
      expect(reader.canSee).toBe(true);
      const blocks = await askModel(reader.chat, {
        sha256: "a".repeat(64),
        pages: [page("Maths 9.00 - 10.00")],
        known: [],
        threshold: 0.8,
        image: { mimeType: "image/jpeg", base64: "AQID" },
        signal: new AbortController().signal,
      });
      expect(blocks).toEqual([modelBlock()]);
      const { messages, response_format } = fake.received[0]?.body as {
        messages: { role: string; content: unknown }[];
        response_format: { type: string };
      };
      expect(response_format.type).toBe("json_schema");
      expect(messages.at(-1)).toMatchObject({
        role: "user",
        content: [
          { type: "text", text: expect.stringContaining("Maths") },
          { type: "image_url", image_url: { url: "data:image/jpeg;base64,AQID" } },
        ],
      });
      expect(entries).toMatchObject([{
        purpose: "timetable.read",
        status: "ok",
        cost_micro_usd: 1400,
      }]);
    } finally {
      await fake.close();
    }
  });
});
