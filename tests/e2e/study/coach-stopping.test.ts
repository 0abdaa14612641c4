// Answers that are stopped, left behind, taken up again, and asked for too often.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { allEvents, only, textOf } from "../../fixtures/sse.ts";
import { type Person, service, sql } from "../../setup/stack.ts";
import { expectRefusal, granted } from "../core/people.ts";
import { answerOf, post, refusal } from "./coach-talk.ts";
import { learner, type Material, takeIn } from "./material.ts";

/** A word that stands in the material of this file and nowhere else. */
const place = `Guillemot${randomUUID().slice(0, 6).replace(/[^a-z]/g, "q")}`;

let ann: Person;
let ben: Person;
let notes: Material;
beforeAll(async () => {
  [ann, ben] = [await learner(), await learner()];
  notes = await takeIn(
    ann,
    "beacons.md",
    `# Beacons\n\nThe beacon of ${place} turns once in nine seconds. Its lens was ground in Lyon.`,
  );
});

describe("stopping and going on", () => {
  let fay: Person;
  beforeAll(async () => {
    fay = await learner();
    await granted(ann.client.rpc("share_material", { p_material_id: notes.id, p_user_id: fay.id }));
  });

  /** An answer that somebody begins and nobody writes. */
  const begun = async (person: Person, content: string) => {
    const { id } = await granted(person.client.rpc("start_conversation", {})) as { id: string };
    const turn = await granted(
      person.client.rpc("ask_coach", {
        p_conversation_id: id,
        p_content: content,
        p_client_id: randomUUID(),
      }),
    ) as unknown as { answer: { id: string } };
    return { conversation_id: id, answer_id: turn.answer.id };
  };
  const question = `How long does the beacon of ${place} take to turn once?`;

  test("stopped from another device, it says so and can be taken up", async () => {
    const { answer_id, conversation_id } = await begun(fay, question);
    const other = { client_id: randomUUID(), conversation_id, content: "Meanwhile?" };
    expect(await refusal(await post(fay, other))).toEqual([409, "answer_in_progress"]);
    expect(await refusal(await post(fay, { answer_id }, "/resume"))).toEqual([
      409,
      "answer_not_stopped",
    ]);
    expect(await granted(fay.client.rpc("stop_answer", { p_answer_id: answer_id }))).toBe(
      "stopped",
    );
    const kept = await service("study").rpc("keep_answer", {
      p_answer_id: answer_id,
      p_attempt_no: 1,
      p_content: "x",
    });
    expect(kept.data).toBe(false);
    const heard = await allEvents(await post(fay, { answer_id }, "/resume"));
    expect(only(heard, "restart")).toHaveLength(1);
    expect(textOf(heard)).toContain("nine seconds");
    expect(answerOf(heard).id).toBe(answer_id);
    expect(await refusal(await post(fay, { answer_id }, "/resume"))).toEqual([
      409,
      "answer_not_stopped",
    ]);
  });

  test("left behind by a crash, it ends as failed and can be taken up; whoever was thought dead writes no more", async () => {
    const { answer_id } = await begun(fay, question);
    const dead = service("study");
    const kept = { p_answer_id: answer_id, p_attempt_no: 1, p_content: "Half of it [1]" };
    expect((await dead.rpc("keep_answer", kept)).data).toBe(true);
    await sql(
      "update study.chat_messages set updated_at = now() - interval '3 minutes' where id = $1",
      [answer_id],
    );
    await sql("select private.study_tend_answers()");
    const state = async () =>
      (await sql("select status, error_code, content from study.chat_messages where id = $1", [
        answer_id,
      ]))[0];
    expect(await state()).toEqual({
      status: "failed",
      error_code: "left_behind",
      content: "Half of it",
    });
    const heard = await allEvents(await post(fay, { answer_id }, "/resume"));
    expect(textOf(heard)).toContain("nine seconds");
    expect((await dead.rpc("keep_answer", kept)).data).toBe(false);
    const late = await dead.rpc("finish_answer", {
      ...kept,
      p_status: "failed",
      p_content: null,
      p_error_code: "x",
    });
    expect(late.data).toEqual({ recorded: false, status: "completed" });
    expect(await state()).toMatchObject({ status: "completed", content: textOf(heard) });
  });

  test("at most so many at once", async () => {
    const eve = await learner();
    for (let no = 0; no < 3; no++) await begun(eve, question);
    const body = { client_id: randomUUID(), start: {}, content: question };
    expect(await refusal(await post(eve, body))).toEqual([429, "too_many_answers"]);
  });

  test("a service writes no citation that does not stand, and no marker without one", async () => {
    const { answer_id } = await begun(ben, question);
    const [chunk] = await sql<{ id: string; content: string }>(
      "select id, content from study.material_chunks where material_id = $1 limit 1",
      [notes.id],
    );
    const finish = (p_content: string, citations: unknown[]) =>
      service("study").rpc("finish_answer", {
        p_answer_id: answer_id,
        p_attempt_no: 1,
        p_status: "completed",
        p_content,
        p_citations: citations,
        p_is_covered: true,
      });
    const quote = chunk?.content.slice(0, 20);
    // Of Ann's material, which Ben does not read.
    expectRefusal(
      await finish("So [1].", [{ marker: 1, chunk_id: chunk?.id, quote }]),
      422,
      "citation_not_in_source",
    );
    expectRefusal(await finish("So [1].", []), 422, "citation_required");
    expectRefusal(await finish("So.", []), 422, "citation_required");
    const [row] = await sql("select status, content from study.chat_messages where id = $1", [
      answer_id,
    ]);
    expect(row).toEqual({ status: "streaming", content: "" });
  });
});
