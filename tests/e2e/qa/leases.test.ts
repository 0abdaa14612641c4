// Who may review, for how long, and what happens to the work of those who do not.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service, sql, until } from "../../setup/stack.ts";
import { expectRefusal, granted, newExpert, newStudent, newTopic } from "../core/people.ts";
import type { Person } from "../core/people.ts";
import { ask, claim, expectInvariants, find, reach, verdict } from "./flow.ts";

let topic: string;
let student: Person;
let expert: Person;

beforeAll(async () => {
  topic = await newTopic();
  [student, expert] = [await newStudent(20), await newExpert(topic)];
});
afterAll(expectInvariants);

describe("leases", () => {
  test("claiming again takes over: the older lease is lost", async () => {
    const question = await ask(student, topic);
    const first = await claim(expert, question.id);
    const second = await claim(expert, question.id);
    expect(second.lease_token).toBeGreaterThan(first.lease_token);
    expectRefusal(await verdict(expert, first, { p_verdict: "approved" }), 409, "lease_lost");
    await granted(verdict(expert, second, { p_verdict: "approved" }));
    // What is done is done.
    expectRefusal(
      await verdict(expert, second, { p_verdict: "rejected", p_rejection_reason: "No." }),
      409,
      "review_closed",
    );
  });

  test("an expert who stays silent loses the review to another one", async () => {
    const other = await newExpert(topic);
    const question = await ask(student, topic);
    const assigned = await reach(question.id, "expert_review");
    const [holder] = await sql<{ expert_id: string }>(
      "select expert_id from qa.expert_reviews where question_id = $1",
      [assigned.id],
    );
    const [silent, next] = holder?.expert_id === other.id ? [other, expert] : [expert, other];
    const sheet = await claim(silent, question.id);
    expectRefusal(
      await next.client.rpc("claim_review", { p_question_id: question.id }),
      409,
      "review_taken",
    );
    await sql(
      "update qa.expert_reviews set expires_at = now() - interval '1 second' where id = $1",
      [sheet.review_id],
    );
    await sql("select private.qa_enforce_deadlines()");
    expectRefusal(await verdict(silent, sheet, { p_verdict: "approved" }), 409, "lease_lost");
    await until(async () => {
      const [active] = await sql<{ expert_id: string }>(
        "select expert_id from qa.expert_reviews where question_id = $1 and review_status = 'pending'",
        [question.id],
      );
      return active?.expert_id === next.id;
    }, "the other expert to be assigned");
    await granted(verdict(next, await claim(next, question.id), { p_verdict: "approved" }));
    await reach(question.id, "delivered");
  });

  test("an expert who declines within milliseconds does not strand the question", async () => {
    const lone = await newTopic();
    const hasty = await newExpert(lone);
    const question = await ask(student, lone);
    const reviewId = await until(async () => {
      const [review] = await sql<{ id: string }>(
        "select id from qa.expert_reviews where question_id = $1",
        [question.id],
      );
      return review?.id;
    }, "the assignment");
    await granted(hasty.client.rpc("decline_review", { p_review_id: reviewId }));
    await until(async () => {
      const [next] = await sql<{ steps: number }>(
        `select (select count(*) from ops.queue_items where resource_id = $1)
          + (select count(*) from qa.expert_reviews
             where question_id = $1 and review_status in ('pending', 'in_progress')) as steps`,
        [question.id],
      );
      return (next?.steps ?? 0) > 0;
    }, "a next step");
    await granted(student.client.rpc("cancel_question", { p_question_id: question.id }));
  });
});

describe("who may review", () => {
  test("nobody his own question, no student, and only the expert's own review", async () => {
    const ownTopic = await newTopic();
    const both = await newExpert(ownTopic);
    const question = await ask(both, ownTopic);
    await until(async () => (await find(question.id)).waiting_since !== null, "the waiting list");
    expectRefusal(
      await both.client.rpc("claim_review", { p_question_id: question.id }),
      403,
      "own_question",
    );
    expectRefusal(
      await student.client.rpc("claim_review", { p_question_id: question.id }),
      403,
      "role_required",
    );
    // A colleague arrives: the waiting question is his at once.
    const colleague = await newExpert(ownTopic);
    const sheet = await claim(colleague, question.id);
    const foreign = await verdict(expert, sheet, { p_verdict: "approved" });
    expectRefusal(foreign, 404, "review_not_found");
    await granted(verdict(colleague, sheet, { p_verdict: "approved" }));
    await reach(question.id, "delivered");
  });

  test("an expert whose places are taken gets no more, until one is free", async () => {
    const small = await newTopic();
    const busy = await newExpert(small, 1);
    const first = await ask(student, small);
    const sheet = await claim(busy, first.id);
    const second = await ask(student, small);
    await until(async () => (await find(second.id)).waiting_since !== null, "the waiting list");
    expectRefusal(
      await busy.client.rpc("claim_review", { p_question_id: second.id }),
      409,
      "expert_at_capacity",
    );
    const tracked = await granted(
      student.client.rpc("track_question", { p_question_id: second.id }),
    ) as { waiting_position: number };
    expect(tracked.waiting_position).toBeGreaterThan(0);
    await granted(verdict(busy, sheet, { p_verdict: "approved" }));
    await granted(verdict(busy, await claim(busy, second.id), { p_verdict: "approved" }));
    await reach(second.id, "delivered");
  });

  test("a suspended expert loses the role at once", async () => {
    const lone = await newTopic();
    const rogue = await newExpert(lone);
    await granted(
      service("core").rpc("decide_expert", {
        p_expert_id: rogue.id,
        p_decision: "suspended",
        p_reason: "Copied answers.",
      }),
    );
    expectRefusal(await rogue.client.rpc("claim_review"), 403, "role_required");
  });
});
