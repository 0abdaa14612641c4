import { describe, expect, it } from "vitest";
import { NOT_COVERED_TEXT } from "../../../functions/_shared/ai/types.ts";
import { generateAnswer, UNREAD_IMAGE_TEXT } from "../../../functions/process-jobs/qa/generate.ts";
import type { Verdict } from "../../../functions/process-jobs/files/inspect.ts";
import { fakeStore, job, localAi, PUMP } from "./fakes.ts";

const image = (status: "pending" | "clean" | "rejected", extracted_text: string | null = null) => ({
  file_id: crypto.randomUUID(),
  bucket_id: "question-images",
  path: "somebody/picture.png",
  mime_type: "image/png",
  status,
  rejected_reason: status === "rejected" ? "the file is text/html" : null,
  extracted_text,
});

const handlerOf = (
  fake: ReturnType<typeof fakeStore>,
  verdict: Verdict = { status: "clean", reason: null },
) => {
  const { answers, embeddings } = localAi();
  const images = { inspect: () => Promise.resolve(verdict) };
  return generateAnswer({ store: fake.store, answers, embeddings, images });
};
const signal = new AbortController().signal;

describe("qa.generate", () => {
  it("answers from the passages and cites them word for word", async () => {
    const fake = fakeStore({});
    const outcome = await handlerOf(fake)(job(), signal);
    expect(outcome.status).toBe("done");
    const [answer] = fake.written.answers;
    expect(answer?.isCovered).toBe(true);
    expect(answer?.content).toMatch(/\[1\]/);
    expect(answer?.citations[0]?.document_id).toBe(PUMP.id);
    expect(answer?.citations[0]?.locator).toEqual({ page: 1 });
    expect(PUMP.body).toContain(answer?.citations[0]?.quote);
  });

  it("says that the material does not hold it, rather than invent", async () => {
    const fake = fakeStore({ generation: { content: "Who won the battle of Waterloo?" } });
    await handlerOf(fake)(job(), signal);
    expect(fake.written.answers[0]).toMatchObject({
      isCovered: false,
      content: NOT_COVERED_TEXT,
      citations: [],
    });
    expect(fake.written.answers[0]?.confidence).toBeLessThan(0.3);
  });

  it("says so as well when nothing was found at all", async () => {
    const fake = fakeStore({ found: [] });
    await handlerOf(fake)(job(), signal);
    expect(fake.written.answers[0]?.isCovered).toBe(false);
  });

  it("does nothing when the stage was done already", async () => {
    const fake = fakeStore({ generation: { proceed: false } });
    expect(await handlerOf(fake)(job(), signal)).toEqual({
      status: "done",
      result: { skipped: true },
    });
    expect(fake.written.answers).toEqual([]);
  });

  it("asks with the text that was read in an image", async () => {
    const fake = fakeStore({
      generation: {
        question_type: "image",
        content: "",
        images: [image("clean", "What is the cardiac output at rest?")],
      },
    });
    await handlerOf(fake)(job(), signal);
    expect(fake.written.queries).toEqual(["What is the cardiac output at rest?"]);
    expect(fake.written.answers[0]?.isCovered).toBe(true);
  });

  it("leaves an image that nobody has read to the expert", async () => {
    const fake = fakeStore({
      generation: { question_type: "image", content: "", images: [image("pending")] },
    });
    await handlerOf(fake)(job(), signal);
    expect(fake.written.answers[0]).toMatchObject({ isCovered: false, content: UNREAD_IMAGE_TEXT });
  });

  it("rejects a question that is nothing but a file of another kind", async () => {
    const fake = fakeStore({
      generation: { question_type: "image", content: "", images: [image("pending")] },
    });
    const verdict: Verdict = { status: "rejected", reason: "the file is text/html" };
    await handlerOf(fake, verdict)(job(), signal);
    expect(fake.written.rejected).toEqual(["the file is text/html"]);
    expect(fake.written.answers).toEqual([]);
  });

  it("remembers a verdict of an earlier try", async () => {
    const fake = fakeStore({
      generation: { question_type: "image", content: "", images: [image("rejected")] },
    });
    await handlerOf(fake)(job(), signal);
    expect(fake.written.rejected).toEqual(["the file is text/html"]);
  });

  it("answers the text of a mixed question although its image is unusable", async () => {
    const fake = fakeStore({ generation: { question_type: "mixed", images: [image("pending")] } });
    await handlerOf(fake, { status: "rejected", reason: "not a picture" })(job(), signal);
    expect(fake.written.rejected).toEqual([]);
    expect(fake.written.answers[0]?.isCovered).toBe(true);
  });
});
