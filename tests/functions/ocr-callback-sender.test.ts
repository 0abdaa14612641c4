// The worker's side of the callback: what it sends again, what it drops, and that each attempt is signed anew.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { verifySignature } from "../../functions/_shared/ocr/signature.ts";
import type { OcrEngine } from "../../scripts/ocr/engine/types.ts";
import { createDeliver } from "../../scripts/ocr/worker-deliver.ts";
import { holdEngine } from "../../scripts/ocr/worker-engine.ts";

const secret = "a-secret-of-the-callback-0123456789";
const delivery = {
  jobId: randomUUID(),
  leaseToken: 3,
  documentId: randomUUID(),
  error: { code: "document_broken", message: "Broken." },
};

interface Attempt {
  body: string;
  headers: IncomingMessage["headers"];
}
let server: Server;
let url: string;
let attempts: Attempt[];
let replies: ((response: ServerResponse) => void)[];

const answer = (status: number, body: unknown) => (response: ServerResponse) =>
  void response.writeHead(status).end(JSON.stringify(body));

beforeEach(async () => {
  attempts = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      attempts.push({ body: Buffer.concat(chunks).toString(), headers: request.headers });
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      reply?.(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const send = (signal = new AbortController().signal) =>
  createDeliver({ url, secret, attempts: 3, waitMs: 1, timeoutMs: 200 })(delivery, signal);

describe("a delivery", () => {
  it("is sent again while the server is not there, and each attempt is genuine", async () => {
    replies = [
      answer(503, { code: "functions_unavailable" }),
      (response) => void response.destroy(),
      answer(200, { proceed: false }),
    ];
    expect(await send()).toEqual({ proceed: false });
    expect(attempts).toHaveLength(3);
    for (const { body, headers } of attempts) {
      const bytes = Uint8Array.from(new TextEncoder().encode(body));
      const given = new Headers({
        "x-lyceum-timestamp": String(headers["x-lyceum-timestamp"]),
        "x-lyceum-signature": String(headers["x-lyceum-signature"]),
      });
      expect(await verifySignature(given, bytes, [secret])).toMatchObject({ ok: true });
    }
  });

  it("is given up after so many attempts, also when no answer ever comes", async () => {
    replies = [() => undefined];
    await expect(send()).rejects.toThrow("cannot be reached");
    expect(attempts).toHaveLength(3);
  });

  it("that was taken before is done", async () => {
    replies = [answer(409, { code: "callback_repeated", message: "Taken." })];
    expect(await send()).toEqual({ recorded: false });
  });

  it("for a lost lease, or one that is wrong, is not sent again; the field is named", async () => {
    replies = [answer(409, { code: "lease_lost", message: "Lost." })];
    await expect(send()).rejects.toMatchObject({ code: "lease_lost" });
    const fields = [{ path: "pages.0.width", message: "too small" }];
    replies = [answer(422, { code: "invalid_input", message: "No.", detail: { fields } })];
    await expect(send()).rejects.toThrow("pages.0.width: too small");
    expect(attempts).toHaveLength(2);
  });

  it("ends with the job", async () => {
    replies = [answer(503, {})];
    const abort = new AbortController();
    const sending = send(abort.signal);
    abort.abort(new Error("lease_lost"));
    await expect(sending).rejects.toThrow();
    expect(attempts.length).toBeLessThan(3);
  });
});

describe("the engine of a worker", () => {
  const fake = () => {
    const close = vi.fn(() => Promise.resolve());
    const create = vi.fn(() => Promise.resolve({ name: "fake", close } as unknown as OcrEngine));
    return { create, close };
  };

  it("is made when it is needed, once for all who work at the time", async () => {
    const { create, close } = fake();
    const engines = holdEngine(create, { idleMs: 10_000 });
    await engines.during(() => Promise.resolve("a text layer needs none"));
    expect(create).not.toHaveBeenCalled();
    await Promise.all([1, 2, 3].map(() => engines.during((engine) => engine())));
    expect(create).toHaveBeenCalledTimes(1);
    await engines.close();
    expect(close).toHaveBeenCalledTimes(1);
  });

  it("is given back when nothing comes, and after so many jobs", async () => {
    const { create, close } = fake();
    const idle = holdEngine(create, { idleMs: 5 });
    await idle.during((engine) => engine());
    await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1));
    const tired = holdEngine(create, { idleMs: 10_000, mostJobs: 2 });
    for (let i = 0; i < 4; i++) await tired.during((engine) => engine());
    expect(close).toHaveBeenCalledTimes(3);
    expect(create).toHaveBeenCalledTimes(3);
  });

  it("that does not come up is tried again with the next job", async () => {
    const { create } = fake();
    create.mockRejectedValueOnce(new Error("no such program"));
    const engines = holdEngine(create);
    await expect(engines.during((engine) => engine())).rejects.toThrow("no such program");
    expect(await engines.during(async (engine) => (await engine()).name)).toBe("fake");
    await engines.close();
  });
});
