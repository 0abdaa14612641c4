// The OCR callback attacked from all sides, with a database that keeps what it is given.
import { createHmac, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { envFrom } from "../../functions/_shared/config.ts";
import { createLogger } from "../../functions/_shared/log.ts";
import type { Delivery } from "../../functions/_shared/ocr/delivery.ts";
import { signatureHeaders } from "../../functions/_shared/ocr/signature.ts";
import { readSecrets, receiveDelivery } from "../../functions/ocr-callback/handler.ts";
import type { DatabaseError } from "../../functions/_shared/http/index.ts";

const SECRET = "a-secret-of-the-callback-0123456789";
const OTHER = "another-secret-of-the-callback-0123";
const NOW = Date.parse("2026-03-02T08:00:00Z");

const page = {
  number: 1,
  width: 1000,
  height: 800,
  tables: [],
  lines: [{
    text: "Maths",
    box: { x: 1, y: 2, width: 30, height: 10 },
    confidence: 0.9,
    words: [{ text: "Maths", box: { x: 1, y: 2, width: 30, height: 10 }, confidence: 0.9 }],
    rotation: 0,
    size: 10,
  }],
  source: "ocr",
};
const job = { jobId: randomUUID(), leaseToken: 12, documentId: randomUUID() };
const result = {
  ...job,
  engine: "tesseract 5.3",
  pages: [page],
  file: { sha256: "a".repeat(64), mimeType: "image/png", size: 1234, pages: 1 },
};
const failure = { ...job, error: { code: "document_broken", message: "It is damaged." } };

const bytesOf = (value: unknown) =>
  Uint8Array.from(
    new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)),
  );

function callback(
  options: { secrets?: string[]; error?: DatabaseError; nowMs?: number } = {},
) {
  const taken: { delivery: Delivery; signature: string }[] = [];
  const lines: string[] = [];
  const receive = (headers: Record<string, string>, rawBody: Uint8Array<ArrayBuffer>) =>
    receiveDelivery({ headers: new Headers(headers), rawBody }, {
      secrets: options.secrets ?? [SECRET],
      nowMs: options.nowMs ?? NOW,
      log: createLogger({}, (line) => lines.push(line)),
      store: {
        receive: (delivery, signature) => {
          if (options.error) return Promise.resolve({ data: null, error: options.error });
          if (taken.some((t) => t.signature === signature)) {
            const error = { code: "PT409", message: "callback_repeated", details: "Taken." };
            return Promise.resolve({ data: null, error });
          }
          taken.push({ delivery, signature });
          return Promise.resolve({ data: { proceed: false, stored: 1 }, error: null });
        },
      },
    });
  const send = async (value: unknown, at = NOW, secret = SECRET) => {
    const body = bytesOf(value);
    return await receive(await signatureHeaders(secret, body, at), body);
  };
  return { receive, send, taken, lines };
}

describe("a genuine delivery", () => {
  it("is handed to the database with its signature", async () => {
    const { send, taken } = callback();
    expect(await send(result)).toMatchObject({ ok: true, data: { stored: 1 } });
    expect(taken).toEqual([{
      delivery: result,
      signature: expect.stringMatching(/^[0-9a-f]{64}$/),
    }]);
  });

  it("may say why there are no pages", async () => {
    const { send, taken } = callback();
    expect(await send(failure)).toMatchObject({ ok: true });
    expect(taken[0]?.delivery).toEqual(failure);
  });

  it("is signed the way openssl does it", async () => {
    const body = bytesOf(result);
    const timestamp = String(NOW / 1000);
    const hex = createHmac("sha256", SECRET).update(`${timestamp}.`).update(body).digest("hex");
    expect(await signatureHeaders(SECRET, body, NOW)).toEqual({
      "x-lyceum-timestamp": timestamp,
      "x-lyceum-signature": hex,
    });
  });

  it.each([-299, -1, 0, 299])("may be %i seconds off", async (seconds) => {
    expect((await callback().send(result, NOW + seconds * 1000)).ok).toBe(true);
  });
});

describe("is refused", () => {
  const refusal = async (outcome: ReturnType<ReturnType<typeof callback>["receive"]>) => {
    const { ok, status, ...rest } = await outcome;
    expect(ok).toBe(false);
    return [status, "code" in rest ? rest.code : ""];
  };

  it("without a signature, or without a time", async () => {
    const { receive, taken } = callback();
    const body = bytesOf(result);
    const headers = await signatureHeaders(SECRET, body, NOW);
    expect(await refusal(receive({}, body))).toEqual([401, "signature_missing"]);
    for (const name of Object.keys(headers)) {
      const { [name]: _left, ...rest } = headers;
      expect(await refusal(receive(rest, body))).toEqual([401, "signature_missing"]);
    }
    expect(taken).toEqual([]);
  });

  it("when the body was altered, were it by one byte at either end", async () => {
    const { receive, taken } = callback();
    const body = bytesOf(result);
    const headers = await signatureHeaders(SECRET, body, NOW);
    const text = JSON.stringify(result);
    for (const other of [text.replace("Maths", "Meths"), `${text} `, ` ${text}`, ""]) {
      expect(await refusal(receive(headers, bytesOf(other)))).toEqual([401, "signature_invalid"]);
    }
    expect(taken).toEqual([]);
  });

  it("when the time was altered, to make an old delivery young", async () => {
    const { receive } = callback();
    const body = bytesOf(result);
    const old = await signatureHeaders(SECRET, body, NOW - 3_600_000);
    const renewed = { ...old, "x-lyceum-timestamp": String(NOW / 1000) };
    expect(await refusal(receive(renewed, body))).toEqual([401, "signature_invalid"]);
  });

  it.each([-3600, -301, 301, 3600])("when it is %i seconds off", async (seconds) => {
    const outcome = callback().send(result, NOW + seconds * 1000);
    expect(await refusal(outcome)).toEqual([401, "signature_expired"]);
  });

  it("under another secret, and under a signature that is cut, padded or no hex", async () => {
    const { receive, send } = callback();
    expect(await refusal(send(result, NOW, OTHER))).toEqual([401, "signature_invalid"]);
    const body = bytesOf(result);
    const headers = await signatureHeaders(SECRET, body, NOW);
    const signature = headers["x-lyceum-signature"] ?? "";
    for (
      const wrong of [
        signature.slice(0, 62),
        `${signature}00`,
        signature.toUpperCase(),
        "z".repeat(64),
        "0".repeat(64),
        `sha256=${signature}`,
      ]
    ) {
      const changed = { ...headers, "x-lyceum-signature": wrong };
      expect(await refusal(receive(changed, body))).toEqual([401, "signature_invalid"]);
    }
    for (const time of ["1e9", "-1", "now", "9".repeat(40), ` ${NOW / 1000}.0`]) {
      const changed = { ...headers, "x-lyceum-timestamp": time };
      expect(await refusal(receive(changed, body))).toEqual([401, "signature_invalid"]);
    }
  });

  it("a second time as it was", async () => {
    const { send, taken } = callback();
    expect((await send(result)).ok).toBe(true);
    expect(await refusal(send(result))).toEqual([409, "callback_repeated"]);
    expect(taken).toHaveLength(1);
  });

  it("for a job that the sender does not hold", async () => {
    const { send } = callback({ error: { code: "PT409", message: "lease_lost", details: "No." } });
    expect(await refusal(send(result))).toEqual([409, "lease_lost"]);
  });

  it("before anything in it is parsed, when it is not genuine", async () => {
    const { send } = callback();
    expect(await refusal(send("{not json", NOW, OTHER))).toEqual([401, "signature_invalid"]);
    expect(await refusal(send("{not json"))).toEqual([400, "invalid_input"]);
  });

  const cell = { row: 0, column: 0, rowSpan: 1, columnSpan: 1, box: page.lines[0]!.box, lines: [] };
  const table = (cells: unknown[]) => ({
    box: page.lines[0]!.box,
    rows: 1,
    columns: 1,
    rowEdges: [0, 1],
    columnEdges: [0, 1],
    cells,
    confidence: 1,
  });
  it.each([
    ["no pages", { ...result, pages: [] }, "pages"],
    ["more pages than a document has", { ...result, pages: Array(21).fill(page) }, "pages"],
    ["one page twice", { ...result, pages: [page, page] }, "pages"],
    ["a page behind the last", { ...result, pages: [{ ...page, number: 2 }] }, "pages"],
    ["another field", { ...result, admin: true }, ""],
    ["no lease", { ...result, leaseToken: undefined }, "leaseToken"],
    ["a lease that is no number", { ...result, leaseToken: "12 or 1=1" }, "leaseToken"],
    ["a job that is no id", { ...result, jobId: "../../x" }, "jobId"],
    ["a type that is no document's", {
      ...result,
      file: { ...result.file, mimeType: "text/html" },
    }, "file.mimeType"],
    ["a hash that is none", { ...result, file: { ...result.file, sha256: "A" } }, "file.sha256"],
    ["a file of gigabytes", { ...result, file: { ...result.file, size: 3e9 } }, "file.size"],
    ["a confidence above one", {
      ...result,
      pages: [{ ...page, lines: [{ ...page.lines[0], confidence: 1.5 }] }],
    }, "pages.0.lines.0.confidence"],
    ["a text without end", {
      ...result,
      pages: [{ ...page, lines: [{ ...page.lines[0], text: "x".repeat(4001) }] }],
    }, "pages.0.lines.0.text"],
    ["cells without end", {
      ...result,
      pages: [{ ...page, tables: [table(Array(5001).fill(cell))] }],
    }, "pages.0.tables.0.cells"],
    ["a colour that is none", {
      ...result,
      pages: [{ ...page, tables: [table([{ ...cell, fill: "red" }])] }],
    }, "pages.0.tables.0.cells.0.fill"],
    ["both pages and an error", { ...result, ...failure }, ""],
    [
      "an error that is no code",
      { ...failure, error: { code: "Oh no!", message: "x" } },
      "error.code",
    ],
    ["nothing", {}, "jobId"],
    ["a list", [], ""],
  ])("with %s, naming the field", async (_what, value, path) => {
    const { send, taken } = callback();
    const outcome = await send(value);
    expect(outcome).toMatchObject({ ok: false, status: 422, code: "invalid_input" });
    const { fields } = (outcome as { detail: { fields: { path: string }[] } }).detail;
    expect(fields.map((field) => field.path)).toContain(path);
    expect(taken).toEqual([]);
  });

  it("while no secret is set; the log says so, and no secret or body is in it", async () => {
    const { send, lines } = callback({ secrets: [] });
    expect(await refusal(send(result))).toEqual([503, "callback_not_configured"]);
    expect(lines.join()).toContain("ocr_callback_not_configured");
    expect(lines.join()).not.toContain(SECRET);
  });
});

describe("secrets", () => {
  it("may be two while one takes the place of the other", async () => {
    const env = envFrom({ OCR_CALLBACK_SECRET: SECRET, OCR_CALLBACK_SECRET_PREVIOUS: OTHER });
    const { send } = callback({ secrets: readSecrets(env) });
    expect((await send(result, NOW, SECRET)).ok).toBe(true);
    expect((await send(failure, NOW, OTHER)).ok).toBe(true);
    const renewed = callback({ secrets: readSecrets(envFrom({ OCR_CALLBACK_SECRET: SECRET })) });
    expect((await renewed.send(failure, NOW, OTHER)).ok).toBe(false);
  });

  it("that can be guessed are none", () => {
    expect(readSecrets(envFrom({ OCR_CALLBACK_SECRET: "short" }))).toEqual([]);
    expect(readSecrets(envFrom({}))).toEqual([]);
  });
});
