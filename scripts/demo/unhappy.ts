// What goes otherwise: not covered, rejected, cancelled. Nobody pays for what he did not get.
import { ask, judge, read, takeUp, watch } from "./asking.ts";
import { showSettlement } from "./books.ts";
import { call, refused } from "./people.ts";
import { detail, quoted } from "./print.ts";
import { untilIdle } from "./queue.ts";
import { expectEqual, expectThat, step } from "./steps.ts";
import type { Stage } from "./stage.ts";

const pipeline = ["submitted", "processing", "ai_generated", "humanized", "expert_review"];

const ownAnswer =
  "Follicular cells take iodide up from the blood through the sodium-iodide symporter. At the border of the colloid " +
  "thyroid peroxidase oxidises it and binds it to tyrosines of thyroglobulin; two iodinated tyrosines couple to thyroxine. " +
  "On a signal of TSH the cell takes colloid back in, and lysosomes set the hormone free.";

export async function notCovered({ student, experts }: Stage): Promise<void> {
  const question = await ask(student, "How does the thyroid gland make thyroxine?");
  await watch(student, question, pipeline);
  const [expert, sheet] = await takeUp(experts, question);
  await step("the AI says that the material does not cover it, and cites nothing", () => {
    expectEqual("is_covered", sheet.question.is_covered, false);
    expectEqual("citations", sheet.answer.citations, []);
    return Promise.resolve();
  });
  quoted(sheet.answer.content);
  await step("approving that as an answer is refused", async () => {
    const refusal = await refused(expert, "qa", "complete_review", {
      p_review_id: sheet.review_id,
      p_lease_token: sheet.lease_token,
      p_verdict: "approved",
    });
    expectEqual("the refusal", [refusal.status, refusal.code], [422, "corrections_required"]);
  }, () => "approving that as an answer is refused: 422 corrections_required");
  await judge(expert, sheet, `${expert.name} writes the answer instead`, {
    p_verdict: "approved",
    p_corrections: ownAnswer,
  });
  await watch(student, question, ["approved", "delivered"]);
  const answer = await step("the answer is delivered as an expert's own", async () => {
    const answer = await read(student, question);
    expectEqual("response_type", answer.provenance.response_type, "expert");
    expectEqual("written_by", answer.provenance.written_by, "expert");
    expectEqual("the text", answer.content, ownAnswer);
    return answer;
  });
  detail(String(answer.provenance.statement));
  await showSettlement(student, question.id, "capture");
}

export async function rejected({ student, experts }: Stage): Promise<void> {
  const question = await ask(
    student,
    "My grandfather's pulse is 48 since this morning: how much digoxin should he take tonight?",
  );
  await watch(student, question, pipeline);
  const [expert, sheet] = await takeUp(experts, question);
  const reason =
    "This is about the treatment of a patient, which we may not advise on. Please call a doctor.";
  await judge(expert, sheet, `${expert.name} rejects it, with a reason`, {
    p_verdict: "rejected",
    p_rejection_reason: reason,
  });
  await watch(student, question, ["rejected"]);
  await step("the student is told why", async () => {
    await student.inbox.notice("question_rejected", question.id);
    const { data } = await student.client.schema("qa").from("questions")
      .select("rejection_reason").eq("id", question.id).single().throwOnError();
    expectEqual("the reason", data.rejection_reason, reason);
  });
  detail(`“${reason}”`);
  await showSettlement(student, question.id, "release");
}

export async function cancelled({ student, admin }: Stage): Promise<void> {
  const question = await ask(student, "What happens to the filtration rate in a long run?", {
    topic: "renal-system",
  });
  await step("changes her mind and cancels", async () => {
    const now = await call<{ status: string }>(student, "qa", "cancel_question", {
      p_question_id: question.id,
      p_reason: "Found it on page 19.",
    });
    expectEqual("status", now.status, "cancelled");
  });
  const path = await step(
    "Realtime tells of it, whichever stage it had reached",
    async () => {
      const states: string[] = [];
      while (states.at(-1) !== "cancelled") {
        states.push((await student.inbox.nextStatus(question.id)).payload.status);
      }
      return states;
    },
  );
  detail(path.join(" → "));
  await step("no worker goes on with it", async () => {
    await untilIdle(admin);
    const { data } = await student.client.schema("qa").from("questions")
      .select("status").eq("id", question.id).single().throwOnError();
    expectEqual("status", data.status, "cancelled");
  });
  await step("cancelling again changes nothing", async () => {
    const again = await call<{ status: string }>(student, "qa", "cancel_question", {
      p_question_id: question.id,
    });
    expectThat("cancelled", again.status === "cancelled", again);
  });
  await showSettlement(student, question.id, "release");
}
