import { describe, expect, it } from "vitest";
import { createLocalAnswers, LOCAL_ANSWER_MODEL } from "../../../functions/_shared/ai/local.ts";
import { NOT_COVERED_TEXT } from "../../../functions/_shared/ai/types.ts";
import { COVERED, PASSAGES, UNCOVERED } from "../../fixtures/ai/heart-and-kidney.ts";

const answers = createLocalAnswers();
const ask = (question: string) => answers.answerFromPassages({ question, passages: PASSAGES });

describe("figures", () => {
  it("prints", async () => {
    for (const item of COVERED) {
      const a = await ask(item.question);
      const okk = a.covered && item.says.test(a.text) && a.citations.some((c) => item.passages.includes(c.passageId));
      console.log(okk ? "ok " : "BAD", a.confidence, item.question, okk ? a.text.length + " " + a.citations.length : "→ " + a.text);
    }
    for (const question of UNCOVERED) {
      const a = await ask(question);
      console.log(a.covered ? "BAD" : "ok ", a.confidence, question, a.covered ? "→ " + a.text : "");
    }
  });
});
