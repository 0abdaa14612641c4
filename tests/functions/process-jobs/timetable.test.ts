// timetable.structure with everything around it in memory: the local reading, each tier, its failures, its memory.
import { describe, expect, it } from "vitest";
import { AiError } from "../../../functions/_shared/ai/errors.ts";
import { structureTimetable } from "../../../functions/process-jobs/timetable/structure.ts";
import {
  block,
  fakeChat,
  fakeCloud,
  type Fakes,
  fakes,
  modelBlock,
  page,
  structureJob,
} from "./timetable-fakes.ts";

const run = (found: Fakes, over = {}) =>
  structureTimetable(found.deps)(structureJob(over), new AbortController().signal);

const unsure = [block({ confidence: 0.5, accepted: false })];
const clearer = { engine: "cloud", pages: [page("Monday", "Maths 9.00 - 10.00")] };

describe("the local reading", () => {
  it("is enough where it is sure; nobody else is asked", async () => {
    const cloud = fakeCloud(clearer), chat = fakeChat([]);
    const found = fakes({ blocks: { local: [block()] }, cloud, reader: { chat } });
    expect(await run(found)).toMatchObject({ status: "done", result: { tier: "tesseract" } });
    expect([cloud.asked, chat.asked, found.downloads]).toEqual([[], [], 0]);
    expect(found.recorded).toMatchObject([{
      tier: "tesseract",
      confidence: 0.95,
      layoutHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      // In shares of the page.
      blocks: [{ name: "Maths", box: { x: 0.1, y: 0.1, width: 0.2, height: 0.04 } }],
    }]);
  });

  it("goes on alone where no tier is set up, however unsure it is", async () => {
    const found = fakes({ blocks: { local: unsure } });
    expect(await run(found)).toMatchObject({ status: "done" });
    expect(found.recorded).toMatchObject([{ tier: "tesseract", confidence: 0.5 }]);
    expect(found.calls).toEqual([]);
  });

  it("that found nothing is recorded as nothing, for a person to see", async () => {
    const found = fakes({});
    await run(found);
    expect(found.recorded).toMatchObject([{ blocks: [], confidence: 0 }]);
  });

  it("keeps the tier of a text layer", async () => {
    const found = fakes({ begun: { tier: "text_layer" }, blocks: { local: [block()] } });
    await run(found);
    expect(found.recorded[0]?.tier).toBe("text_layer");
  });

  it("is made fit for the database: no empty spans, boxes within the page, 500 blocks at most", async () => {
    const outside = { x: -20, y: 490, width: 5000, height: 50 };
    const many = Array.from({ length: 510 }, (_, i) => block({ name: `${i}`, confidence: 0.99 }));
    const odd = block({ name: " ", end: "09:00", box: outside, confidence: 1 });
    const found = fakes({ blocks: { local: [...many, odd] } });
    await run(found);
    const blocks = found.recorded[0]?.blocks ?? [];
    expect(blocks).toHaveLength(500);
    expect(blocks.find(({ name }) => name === "?")).toMatchObject({
      end: null,
      confidence: 0.5,
      reasons: ["no_length"],
      box: { x: 0, y: 0.98, width: 1, height: 0.1 },
    });
  });

  it("has nothing to do for a job that is over", async () => {
    const found = fakes({ begun: { proceed: false, status: "cancelled" } });
    expect(await run(found)).toEqual({ status: "done", result: { skipped: "cancelled" } });
    expect(found.recorded).toEqual([]);
  });
});

describe("what reviewers taught", () => {
  const corrections = [
    { field: "name", read: "Mathsi", corrected: "Maths" },
    { field: "time", read: "09:00-10:00", corrected: "09:00-10:30" },
    { field: "day", read: "Tuesday", corrected: "Thursday" },
    { field: "day", read: "Friday", corrected: "Fridge" },
  ];

  it("puts names, times and days right, keeps what was read, and takes half of the doubt away", async () => {
    const local = [
      block({ name: "Mathsi", confidence: 0.9 }),
      block({ name: "Art", day: "Tuesday", start: "11:00", end: null, confidence: 0.4 }),
      block({ name: "Music", day: "Friday", start: "11:00" }),
    ];
    const found = fakes({ blocks: { local }, corrections });
    await run(found);
    expect(found.recorded[0]?.blocks).toMatchObject([
      {
        name: "Maths",
        end: "10:30",
        read: { name: "Mathsi", time: "09:00-10:00" },
        confidence: 0.95,
        reasons: ["corrected"],
      },
      { day: "Thursday", read: { day: "Tuesday" }, confidence: 0.7 },
      // What is no day puts nothing right.
      { day: "Friday", reasons: [] },
    ]);
  });

  it("leaves alone what nobody corrected", async () => {
    const found = fakes({ blocks: { local: [block({ name: "Music", end: null })] }, corrections });
    await run(found);
    expect(found.recorded[0]?.blocks[0]).not.toHaveProperty("read");
  });
});

describe("the cloud", () => {
  it("is asked below the threshold, and taken where it is surer", async () => {
    const cloud = fakeCloud(clearer);
    const found = fakes({ blocks: { local: unsure, cloud: [block()] }, cloud });
    expect(await run(found)).toMatchObject({ result: { tier: "cloud_ocr", cloud_ocr: "read" } });
    expect(cloud.asked).toEqual([{ mimeType: "image/png" }]);
    expect(found.recorded).toMatchObject([{ tier: "cloud_ocr", confidence: 0.95 }]);
    expect(found.calls).toMatchObject([{
      provider: "fake",
      model: "eyes",
      purpose: "timetable.cloud_ocr",
      status: "ok",
      cost_micro_usd: 1500,
      input_sha256: "a".repeat(64),
    }]);
  });

  it("is passed over where it read less", async () => {
    const local = Array.from({ length: 10 }, (_, i) => block({ name: `L${i}`, confidence: 0.6 }));
    const found = fakes({ blocks: { local, cloud: [block()] }, cloud: fakeCloud(clearer) });
    await run(found);
    expect(found.recorded[0]?.tier).toBe("tesseract");
  });

  it("costs nothing for the same file again", async () => {
    const cloud = fakeCloud(clearer);
    const blocks = { local: unsure, cloud: [block()] };
    const first = fakes({ blocks, cloud });
    await run(first);
    const again = fakes({ blocks, cloud, cache: first.cache });
    expect(await run(again)).toMatchObject({ result: { tier: "cloud_ocr", cloud_ocr: "cached" } });
    expect([cloud.asked.length, again.calls.length, again.downloads]).toEqual([1, 0, 0]);
    const other = fakes({ blocks, cloud, cache: first.cache, begun: { sha256: "b".repeat(64) } });
    await run(other);
    expect(cloud.asked).toHaveLength(2);
  });

  it("that is down is waited for, and passed over at the last attempt", async () => {
    const down = new AiError("unavailable", "Down.", { retryAfterSeconds: 30 });
    const found = fakes({ blocks: { local: unsure }, cloud: fakeCloud(down) });
    expect(await run(found)).toEqual({
      status: "failed",
      error: "cloud_ocr: unavailable: Down.",
      retry: true,
      retryAfterSeconds: 30,
    });
    expect(found.recorded).toEqual([]);
    expect(found.calls).toMatchObject([{ status: "error", error_code: "unavailable" }]);
    const last = await run(found, { attempts: 3, max_attempts: 3 });
    expect(last).toMatchObject({ status: "done", result: { cloud_ocr: "unavailable" } });
    expect(found.recorded).toMatchObject([{ tier: "tesseract" }]);
  });

  it.each(["bad_key", "refused", "malformed_output", "not_configured"] as const)(
    "that fails for good (%s) does not keep the document back",
    async (code) => {
      const cloud = fakeCloud(new AiError(code, "No."));
      const found = fakes({ blocks: { local: unsure }, cloud });
      expect(await run(found)).toMatchObject({ status: "done", result: { cloud_ocr: code } });
      expect(found.recorded).toHaveLength(1);
    },
  );
});

describe("the language model", () => {
  it("is asked after the cloud, when that did not help either", async () => {
    const chat = fakeChat([modelBlock()]);
    const cloud = fakeCloud(clearer);
    const found = fakes({ blocks: { local: unsure, cloud: unsure }, cloud, reader: { chat } });
    expect(await run(found)).toMatchObject({
      result: { tier: "llm", cloud_ocr: "read", llm: "read" },
    });
    expect(found.stages).toEqual(["llm_processing"]);
    expect(found.recorded[0]).toMatchObject({
      tier: "llm",
      blocks: [{ name: "Maths", confidence: 0.9, reasons: ["model_agrees"] }],
    });
  });

  it("gets the text of the page as data, and a picture only when it can see", async () => {
    const chat = fakeChat([modelBlock()]);
    await run(fakes({ blocks: { local: unsure }, reader: { chat } }));
    const [blind] = chat.asked;
    expect(blind?.messages.at(-1)?.content).toContain("Maths 9.00 - 10.00");
    expect(blind?.messages.at(-1)?.content).toMatch(/^<document>/);
    expect(blind).not.toHaveProperty("images");
    await run(fakes({ blocks: { local: unsure }, reader: { chat, canSee: true } }));
    expect(chat.asked[1]?.images).toEqual([{ mimeType: "image/png", base64: "AQID" }]);
    const pdf = { mime_type: "application/pdf" } as const;
    await run(fakes({ begun: pdf, blocks: { local: unsure }, reader: { chat, canSee: true } }));
    expect(chat.asked[2]).not.toHaveProperty("images");
  });

  it("is not believed when it names a time that stands nowhere on the page", async () => {
    const chat = fakeChat([
      modelBlock(),
      modelBlock({ day: "Tuesday", start: "11:40", end: null }),
    ]);
    const found = fakes({ blocks: { local: unsure }, reader: { chat } });
    expect(await run(found)).toMatchObject({ result: { llm: "times_not_on_page" } });
    expect(found.recorded).toMatchObject([{ tier: "tesseract", confidence: 0.5 }]);
  });

  it("may say that 2.15 is in the afternoon", async () => {
    const chat = fakeChat([modelBlock({ name: "Art", start: "14:15", end: "15:00" })]);
    const found = fakes({ blocks: { local: unsure }, reader: { chat } });
    expect(await run(found)).toMatchObject({ result: { tier: "llm" } });
  });

  it("alone is never sure enough to go without a person", async () => {
    const chat = fakeChat([
      modelBlock({ day: "Friday" }),
      modelBlock({ day: "Friday", name: "Alchemy", start: "10:00", end: null }),
    ]);
    const found = fakes({ reader: { chat } });
    await run(found);
    expect(found.recorded[0]?.blocks).toMatchObject([
      { name: "Maths", confidence: 0.75, reasons: ["model_only"] },
      { name: "Alchemy", confidence: 0.6, box: { x: 0, y: 0, width: 1, height: 1 } },
    ]);
  });

  it("does not make vanish what was read surely", async () => {
    const local = [block({ name: "Music", day: "Friday", confidence: 0.9 }), ...unsure];
    const chat = fakeChat([modelBlock()]);
    const found = fakes({ blocks: { local }, reader: { chat } });
    await run(found);
    expect(found.recorded[0]?.blocks).toMatchObject([
      { name: "Maths" },
      { name: "Music", confidence: 0.63, reasons: ["model_missing"] },
    ]);
  });

  it("costs nothing for the same file again, not even when it was not believed", async () => {
    for (const answer of [[modelBlock()], [modelBlock({ start: "07:07" })]]) {
      const chat = fakeChat(answer);
      const first = fakes({ blocks: { local: unsure }, reader: { chat } });
      const said = await run(first);
      const again = fakes({ blocks: { local: unsure }, reader: { chat }, cache: first.cache });
      const repeated = await run(again);
      expect(chat.asked).toHaveLength(1);
      expect(again.recorded).toEqual(first.recorded);
      expect([said, repeated]).toMatchObject([{ status: "done" }, { status: "done" }]);
    }
  });

  it("that answers with another form, refuses or has no key leaves the document to a person", async () => {
    for (const code of ["malformed_output", "refused", "bad_key"] as const) {
      const chat = fakeChat(new AiError(code, "No."));
      const found = fakes({ blocks: { local: unsure }, reader: { chat } });
      expect(await run(found)).toMatchObject({ status: "done", result: { llm: code } });
      expect(found.recorded).toMatchObject([{ tier: "tesseract" }]);
    }
  });

  it("that has too much to do is asked again when it says", async () => {
    const busy = new AiError("rate_limited", "Later.", { retryAfterSeconds: 7 });
    const found = fakes({ blocks: { local: unsure }, reader: { chat: fakeChat(busy) } });
    expect(await run(found)).toMatchObject({ status: "failed", retry: true, retryAfterSeconds: 7 });
  });
});

describe("a job that goes wrong", () => {
  it("is tried again, and at the last attempt its owner is told", async () => {
    const found = fakes({});
    found.deps.structure = () => {
      throw new TypeError("a bug");
    };
    await expect(run(found)).rejects.toThrow("a bug");
    expect(found.failed).toEqual([]);
    await expect(run(found, { attempts: 3, max_attempts: 3 })).rejects.toThrow("a bug");
    expect(found.failed).toEqual(["structuring_failed"]);
  });

  it("is left alone when another worker has it", async () => {
    const found = fakes({ blocks: { local: [block()] }, lost: true });
    await expect(run(found, { attempts: 3, max_attempts: 3 })).rejects.toThrow("lease_lost");
    expect(found.failed).toEqual([]);
  });
});
