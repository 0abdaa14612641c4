import { describe, expect, it } from "vitest";
import {
  type QuestionItem,
  readQuestions,
  WRITE_FORMATS,
  type WriteFormat,
  writeQuestions,
} from "../../../functions/_shared/question-formats/index.ts";
import { readZip, unpack } from "../../../functions/_shared/text/zip.ts";
import { plainItem, sampler, withoutId } from "./samples.ts";

async function readBack(format: WriteFormat, items: QuestionItem[]) {
  const { body } = writeQuestions(format, items);
  const read = await readQuestions(format === "qti-item" ? "qti" : format, body);
  if (!read) throw new Error("not UTF-8");
  return read;
}

describe.each(["csv", "gift", "qti"] as const)("%s", (format) => {
  it("gives back 1,500 questions of everything that has a meaning somewhere", async () => {
    for (const seed of [1, 2, 3]) {
      const items = sampler(seed).items(500);
      const { items: read, problems, warnings } = await readBack(format, items);
      expect(problems).toEqual([]);
      expect(warnings).toEqual([]);
      expect(read.length).toBe(items.length);
      for (const [i, item] of items.entries()) expect(read[i]?.item).toEqual(withoutId(item));
    }
  });

  it("gives back single letters, each alone in every place", async () => {
    const letters = Array.from({ length: 0x250 }, (_, i) => String.fromCodePoint(i))
      .filter((letter) => letter >= " " && !/[\s\u007f\u0080-\u009f]/.test(letter));
    const items = letters.map((letter) =>
      plainItem({
        vignette: letter.repeat(3),
        options: [
          { text: letter, is_correct: true, rationale: letter },
          { text: `${letter}${letter}`, is_correct: false, rationale: `${letter}x` },
        ],
        subtopic: letter,
        explanation: {
          correct_explanation: letter,
          pathophysiology: letter,
          clinical_relevance: letter,
          references: [`x${letter}`, { title: letter }],
        },
      })
    );
    const { items: read, problems } = await readBack(format, items);
    expect(problems).toEqual([]);
    expect(read.map(({ item }) => item)).toEqual(items);
  });

  it("gives back 5,000 questions", async () => {
    const items = sampler(7).items(5000);
    const { items: read } = await readBack(format, items);
    expect(read.length).toBe(5000);
    expect(read[4999]?.item).toEqual(withoutId(items[4999] as QuestionItem));
  }, 60_000);
});

const KEY = /correctResponse|<correct|~|=Four|Of a fish|Two atria/;

async function shownIn(format: WriteFormat, body: Uint8Array): Promise<string> {
  if (format !== "qti") return new TextDecoder().decode(body);
  const zip = readZip(body);
  if (!zip.ok) throw new Error(zip.reason);
  const files = await Promise.all(zip.entries.map((entry) => unpack(entry)));
  return files.map((bytes) => new TextDecoder().decode(bytes ?? undefined)).join("\n");
}

describe("a question whose key was left out", () => {
  const item = plainItem();
  const closed: QuestionItem = {
    question_type: item.question_type,
    vignette: item.vignette,
    options: item.options.map(({ text }) => ({ text })),
  };
  it.each(WRITE_FORMATS)("says nothing of it in %s", async (format) => {
    const { body } = writeQuestions(format, [closed]);
    const shown = await shownIn(format, body);
    expect(shown).toContain("Four");
    expect(shown).not.toMatch(KEY);
    // And with its key it would.
    expect(await shownIn(format, writeQuestions(format, [item]).body)).toMatch(KEY);
  });

  it.each(["csv", "qti-item"] as const)("comes back from %s without a right option", async (f) => {
    const { items } = await readBack(f, [closed]);
    expect(items[0]?.item.options.map(({ is_correct }) => is_correct)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("is a text in GIFT, and refused as one", async () => {
    const { items, problems } = await readBack("gift", [closed]);
    expect([items.length, problems[0]?.code]).toEqual([0, "type_unsupported"]);
  });
});
