import { describe, expect, it } from "vitest";
import { AiError } from "../../../functions/_shared/ai/errors.ts";
import type { AnswerModel } from "../../../functions/_shared/ai/types.ts";
import { humanizeAnswer } from "../../../functions/process-jobs/qa/humanize.ts";
import { fakeStore, job, localAi } from "./fakes.ts";

const begun = {
  proceed: true as const,
  version_id: "33333333-3333-4333-8333-333333333333",
  content: "The heart utilises oxygen in order to contract. [1]",
  citations: [{
    position: 1,
    document_id: "11111111-1111-4111-8111-111111111111",
    title: "The pump",
    quote: "The heart utilises oxygen in order to contract.",
    locator: {},
  }],
};
const signal = new AbortController().signal;

const failing = (error: AiError): AnswerModel => ({
  provider: "fake",
  model: "fake-1",
  answerFromPassages: () => Promise.reject(error),
  rewritePlainly: () => Promise.reject(error),
});

describe("qa.humanize", () => {
  it("puts the answer into plainer words and keeps its markers", async () => {
    const fake = fakeStore({ humanization: begun });
    await humanizeAnswer({ store: fake.store, answers: localAi().answers })(job(), signal);
    const [written] = fake.written.humanized;
    expect(written?.status).toBe("success");
    expect(written?.content).toContain("[1]");
    expect(written?.content).not.toContain("utilises");
    expect(written?.changes).toBeGreaterThan(0);
    expect(written?.originalVersionId).toBe(begun.version_id);
  });

  it("says that it left an answer alone that is plain already", async () => {
    const fake = fakeStore({ humanization: { ...begun, content: "It pumps blood. [1]" } });
    await humanizeAnswer({ store: fake.store, answers: localAi().answers })(job(), signal);
    expect(fake.written.humanized[0]).toMatchObject({ status: "skipped", changes: 0 });
    expect(fake.written.humanized[0]?.content).toBeUndefined();
  });

  it("is tried again while the provider may recover", async () => {
    const fake = fakeStore({ humanization: begun });
    const answers = failing(new AiError("unavailable", "down"));
    const run = humanizeAnswer({ store: fake.store, answers })(job({ attempts: 1 }), signal);
    await expect(run).rejects.toThrow("down");
    expect(fake.written.humanized).toEqual([]);
  });

  it("lets the answer go on as it is when the last try failed", async () => {
    const fake = fakeStore({ humanization: begun });
    const answers = failing(new AiError("unavailable", "down"));
    await humanizeAnswer({ store: fake.store, answers })(job({ attempts: 3 }), signal);
    expect(fake.written.humanized[0]).toMatchObject({
      status: "failed",
      error: "unavailable: down",
    });
  });

  it("does not repeat what cannot get better", async () => {
    const fake = fakeStore({ humanization: begun });
    const answers = failing(new AiError("refused", "declined"));
    await humanizeAnswer({ store: fake.store, answers })(job({ attempts: 1 }), signal);
    expect(fake.written.humanized[0]?.status).toBe("failed");
  });
});
