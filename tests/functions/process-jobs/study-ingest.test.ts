// study.ingest against a database in memory: what it keeps between runs, and how it ends when something is wrong.
import { describe, expect, it } from "vitest";
import { AiError } from "../../../functions/_shared/ai/errors.ts";
import { ingestMaterial } from "../../../functions/process-jobs/study/ingest.ts";
import { linesAt, pdfFile } from "../material/pdf-file.ts";
import { job } from "./fakes.ts";
import { fakeMaterial, provider } from "./study-fakes.ts";

const book = (pages: number) =>
  pdfFile(Array.from({ length: pages }, (_, page) => [
    { text: `Chapter ${page + 1}`, x: 72, y: 80, size: 20, font: "bold" as const },
    ...linesAt(
      72,
      130,
      Array.from({ length: 25 }, (_, i) =>
        `Page ${page + 1} line ${i + 1} says how the heart moves the blood.`),
    ),
  ]));
const ingestJob = (over = {}) =>
  job({ job_type: "study.ingest", max_attempts: 8, payload: {}, ...over });
const never = new AbortController().signal;
const text = (content: string) => new TextEncoder().encode(content);

describe("study.ingest", () => {
  it("goes on after the last page that was kept, and makes the same passages however often it was interrupted", async () => {
    const whole = fakeMaterial(book(23));
    await ingestMaterial({ store: whole.store, embeddings: provider() })(ingestJob(), never);
    expect(whole.log).toEqual([
      "parts 0,1,2,3,4,5,6,7,8,9",
      "parts 10,11,12,13,14,15,16,17,18,19",
      "parts 20,21,22,23",
      "finish",
    ]);

    const pieces = fakeMaterial(book(23));
    const run = ingestMaterial({ store: pieces.store, embeddings: provider(), budgetMs: 0 });
    let runs = 0;
    // No run has time for more than a step.
    while (pieces.work.status === "parsing") {
      expect(await run(ingestJob(), never)).toMatchObject({ status: "done" });
      expect(++runs).toBeLessThan(60);
    }
    expect(runs).toBeGreaterThan(10);
    expect(pieces.log.filter((line) => line.startsWith("parts")).join().match(/\d+/g)?.map(Number))
      .toEqual(Array.from({ length: 24 }, (_, i) => i));
    await ingestMaterial({ store: pieces.store, embeddings: provider() })(ingestJob(), never);
    expect(pieces.log.at(-1)).toBe("finish");
    expect(pieces.chunks).toEqual(whole.chunks);
    expect(pieces.vectors.size).toBe(pieces.chunks.length);
  });

  it("says of each passage on which pages it stands, to the character", async () => {
    const { store, chunks } = fakeMaterial(book(6));
    await ingestMaterial({ store, embeddings: provider() })(ingestJob(), never);
    for (const { content, page_number, page_end, page_breaks } of chunks) {
      const pageOf = (at: number) =>
        (page_number ?? 0) + page_breaks.filter((start) => start <= at).length;
      for (const match of content.matchAll(/Page (\d+) line/g)) {
        expect(pageOf(match.index)).toBe(Number(match[1]));
      }
      expect(page_end).toBe((page_number ?? 0) + page_breaks.length);
    }
  });

  it("leaves pictures to the OCR worker, or out when there is none", async () => {
    const picture = pdfFile([
      linesAt(72, 100, Array(20).fill("A page with enough words to be read as text.")),
      "q 100 0 0 100 72 400 cm Q",
    ]);
    const waits = fakeMaterial(picture, { ocr: true });
    await ingestMaterial({ store: waits.store, embeddings: provider() })(ingestJob(), never);
    expect(waits.log.at(-1)).toBe("ocr");
    const without = fakeMaterial(picture);
    await ingestMaterial({ store: without.store, embeddings: provider() })(ingestJob(), never);
    expect(without.log.slice(-2)).toEqual(["ocr", "finish"]);
    expect(without.chunks.length).toBe(1);
  });

  it("is found by its words when the provider of embeddings refuses, and tries again when it is busy", async () => {
    const refused = fakeMaterial(text("The heart. ".repeat(50)), { type: "text", name: "a.txt" });
    const refuses = provider(() => Promise.reject(new AiError("refused", "no")));
    await ingestMaterial({ store: refused.store, embeddings: refuses })(ingestJob(), never);
    expect(refused.log.at(-1)).toBe("finish");
    expect(refused.vectors.size).toBe(0);

    const busy = fakeMaterial(text("The heart. ".repeat(50)), { type: "text", name: "a.txt" });
    const fails = provider(() => Promise.reject(new AiError("rate_limited", "later")));
    const run = ingestMaterial({ store: busy.store, embeddings: fails });
    await expect(run(ingestJob(), never)).rejects.toThrow("later");
    expect(busy.log).not.toContain("finish");
    // The last of its attempts: words have to do, until a task makes the vectors.
    await run(ingestJob({ attempts: 8 }), never);
    expect(busy.log.at(-1)).toBe("finish");
  });

  it("makes no vectors while another model answers", async () => {
    const { store, vectors, log } = fakeMaterial(text("The heart. ".repeat(50)), {
      type: "text",
      name: "a.txt",
      model: "the-one-in-use",
    });
    await ingestMaterial({ store, embeddings: provider() })(ingestJob(), never);
    expect(vectors.size).toBe(0);
    expect(log.at(-1)).toBe("finish");
  });

  it.each<[string, Uint8Array | null, Parameters<typeof fakeMaterial>[1], object, string]>([
    ["a file that is gone", null, {}, {}, "material_empty"],
    ["a PDF that breaks off", book(3).slice(0, 700), {}, {}, "material_damaged"],
    ["white space", text(" \n "), { type: "text", name: "a.txt" }, {}, "material_empty"],
    ["only pictures, and nobody to read them", pdfFile(["q Q"]), {}, {}, "material_needs_ocr"],
    ["what stopped the workers before", book(1), {}, {
      attempts: 8,
      error_message: "lease_expired: …",
    }, "material_too_complex"],
  ])("ends with a code: %s", async (_what, bytes, options, over, code) => {
    const { store, log } = fakeMaterial(bytes, options);
    const outcome = await ingestMaterial({ store, embeddings: provider() })(ingestJob(over), never);
    expect(outcome).toEqual({ status: "done", result: { failed: code } });
    expect(log.at(-1)).toBe(`fail ${code}`);
  });

  it("is tried again after a fault of ours, and then ends as failed", async () => {
    const { store, log } = fakeMaterial(text("The heart. ".repeat(50)), {
      type: "text",
      name: "a.txt",
    });
    const broken = { ...store, putChunks: () => Promise.reject(new Error("connection reset")) };
    const run = ingestMaterial({ store: broken, embeddings: provider() });
    await expect(run(ingestJob(), never)).rejects.toThrow("connection reset");
    expect(await run(ingestJob({ attempts: 8 }), never)).toMatchObject({
      result: { failed: "material_failed" },
    });
    expect(log.at(-1)).toBe("fail material_failed");
  });

  it("writes nothing more once its lease is lost", async () => {
    const { store, log } = fakeMaterial(text("The heart. ".repeat(50)), {
      type: "text",
      name: "a.txt",
    });
    const lost = Object.assign(new Error("lease_lost"), { code: "lease_lost" });
    const run = ingestMaterial({
      store: { ...store, putParts: () => Promise.reject(lost) },
      embeddings: provider(),
    });
    await expect(run(ingestJob({ attempts: 8 }), never)).rejects.toThrow("lease_lost");
    expect(log).toEqual([]);
  });
});
