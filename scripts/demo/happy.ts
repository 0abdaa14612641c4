// The main job: from asked to rated.
import type { Stage } from "./stage.ts";
import { ask, judge, read, takeUp, watch } from "./asking.ts";
import { readBalance, showSettlement } from "./books.ts";
import { call, signUp } from "./people.ts";
import { detail, note, quoted } from "./print.ts";
import { expectEqual, expectThat, step } from "./steps.ts";

const correction =
  "In short: conduction through the node is slow on purpose, so that the atria have emptied before the ventricles contract.";

export async function signUpAndQuote(stage: Stage): Promise<void> {
  stage.student = await step(
    "signs up with supabase-js",
    () => signUp(stage, "Noor Halvorsen", `noor-${Date.now()}@lyceum.test`),
    (student) => `${student.name} signs up with supabase-js`,
  );
  const { student } = stage;
  await step(
    "has the role student and three welcome credits",
    async () => {
      expectEqual("roles", await call<string[]>(student, "core", "my_roles"), ["student"]);
      expectEqual("balance", await readBalance(student), { credits_available: 3, credits_held: 0 });
    },
  );
  await step(
    `subscribes to the private channel user:${student.id.slice(0, 8)}…`,
    () => student.inbox.open(student),
  );
  await step(
    "asks what a question would cost",
    async () => {
      const quote = await call<Record<string, number | boolean>>(student, "qa", "quote_question", {
        p_topic: "cardiovascular-system",
      });
      expectThat("an affordable price", quote.credits === 1 && quote.is_affordable === true, quote);
      return quote;
    },
    (quote) =>
      `asks for a quote: ${quote.credits} credit, about ${quote.estimated_minutes} min, ` +
      `${quote.experts_available} experts, ${quote.free_places} places free`,
  );
}

export async function fromAskedToRated(stage: Stage): Promise<void> {
  const { student, experts } = stage;
  const question = await ask(student, "Why does the atrioventricular node delay the impulse?", {
    topic: "cardiovascular-system",
    allowReuse: true,
  });
  await watch(student, question, [
    "submitted",
    "processing",
    "ai_generated",
    "humanized",
    "expert_review",
  ]);

  const [expert, sheet] = await takeUp(experts, question);
  note(`The draft of ${sheet.answer.model}, confidence ${sheet.answer.confidence}:`);
  quoted(sheet.answer.content);
  await step("the draft is covered by the material, cites it, and is original enough", () => {
    expectEqual("is_covered", sheet.question.is_covered, true);
    expectThat("citations", sheet.answer.citations.length > 0, sheet.answer.citations);
    expectThat("a passed check", sheet.originality?.passes_threshold === true, sheet.originality);
    return Promise.resolve();
  });
  await judge(expert, sheet, `${expert.name} corrects it and approves`, {
    p_verdict: "approved",
    p_corrections: `${sheet.answer.content}\n\n${correction}`,
  });
  await watch(student, question, ["approved", "delivered"]);
  await step(
    `${student.name} is notified: answer_delivered`,
    () => student.inbox.notice("answer_delivered", question.id),
  );

  const answer = await step("reads the answer, with the expert's correction in it", async () => {
    const answer = await read(student, question);
    expectThat("the correction", answer.content.includes(correction), answer.content);
    return answer;
  });
  quoted(answer.content);
  await step("every [n] in it has its citation: title, quote and place", () => {
    const markers = [...answer.content.matchAll(/\[(\d+)\]/g)].map((m) => Number(m[1]));
    expectThat("markers in the text", markers.length > 0, markers);
    for (const marker of markers) {
      const cited = answer.citations.find((c) => c.position === marker);
      expectThat(`citation [${marker}]`, Boolean(cited?.title && cited.quote), cited);
      expectThat("its page", typeof cited?.locator.page === "number", cited?.locator);
    }
    return Promise.resolve();
  });
  for (const { position, title, quote, locator } of answer.citations) {
    detail(`[${position}] ${title}, page ${locator.page}`);
    note(`“${quote}”`, 4);
  }
  await step(
    "the provenance says who wrote and who checked it",
    () => {
      expectEqual("written_by", answer.provenance.written_by, "ai");
      expectEqual("response_type", answer.provenance.response_type, "hybrid");
      expectThat("a reviewer", Boolean(answer.reviewed_by), answer.reviewed_by);
      return Promise.resolve();
    },
  );
  detail(`${answer.provenance.statement} Reviewed by ${answer.reviewed_by}.`);

  await step(`${student.name} rates it 5 of 5`, async () => {
    await call(student, "qa", "rate_answer", {
      p_question_id: question.id,
      p_overall_score: 5,
      p_helpful: true,
      p_comment: "Now I see why the pause is there.",
    });
  });
  await watch(student, question, ["rated"]);
  await showSettlement(student, question.id, "capture");
}
