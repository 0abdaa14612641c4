// Review cards as a frontend uses them: making, reviewing, undoing, and the message that follows.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Person, sql } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { learner } from "./material.ts";

interface Card {
  id: string;
  state: string;
  front: string;
  due_on: string;
  scheduler: string;
  is_suspended: boolean;
}

interface Due {
  card_id: string;
  phase: string;
  front: string;
  review_no: number;
  question: { vignette: string; options: { index: number; text: string }[] } | null;
}

interface Log {
  id: string;
  card_id: string;
  review_no: number;
  rating: number;
  interval_days: number;
  stability: number;
  due_at: string;
}

let ann: Person;
let ben: Person;

const rpc = <T>(by: Person, name: string, args: Record<string, unknown> = {}) =>
  granted(by.client.rpc(name, args)) as Promise<T>;
const refused = async (by: Person, name: string, args: Record<string, unknown>) => {
  const { error, status } = await by.client.rpc(name, args);
  return `${status} ${error?.message}`;
};

beforeAll(async () => {
  [ann, ben] = await Promise.all([learner(), learner()]);
});

describe("a card", () => {
  let card: Card;

  test("is made, due, previewed and reviewed; sent twice it is reviewed once", async () => {
    card = await rpc<Card>(ann, "create_card", { p_front: "Front", p_back: "Back" });
    const [due] = await rpc<Due[]>(ann, "due_cards");
    expect(due).toMatchObject({ card_id: card.id, phase: "new", front: "Front", review_no: 1 });
    const buttons = await rpc<{ rating: number; stability: number }[]>(ann, "preview_card", {
      p_card_id: card.id,
    });
    const review = { p_card_id: card.id, p_rating: 4, p_duration_ms: 3000, p_review_no: 1 };
    const logs = await Promise.all(
      Array.from({ length: 4 }, () => rpc<Log>(ann, "review_card", review)),
    );
    expect(new Set(logs.map(({ id }) => id)).size).toBe(1);
    expect(logs[0]).toMatchObject({ rating: 4, review_no: 1, stability: buttons[3]?.stability });
    expect(logs[0]?.interval_days).toBeGreaterThan(5);
    expect(await rpc<Due[]>(ann, "due_cards")).toEqual([]);
  });

  test("is undone, and reviewed by a quality", async () => {
    expect(await rpc<Card>(ann, "undo_review", { p_card_id: card.id, p_review_no: 1 }))
      .toMatchObject({ state: "new" });
    expect(await rpc<Log>(ann, "review_card", { p_card_id: card.id, p_quality: 2 }))
      .toMatchObject({ rating: 1, review_no: 1 });
  });

  test("is its person's alone", async () => {
    const args = { p_card_id: card.id };
    for (const name of ["preview_card", "suspend_card", "delete_card", "undo_review"]) {
      expect(await refused(ben, name, args)).toBe("404 card_not_found");
    }
    expect(await refused(ben, "review_card", { ...args, p_rating: 3 })).toBe("404 card_not_found");
    const { data } = await ben.client.from("sm2_review_cards").select().eq("id", card.id);
    expect(data).toEqual([]);
    const { data: logs } = await ben.client.from("review_logs").select().eq("card_id", card.id);
    expect(logs).toEqual([]);
  });

  test.each([
    [{ p_rating: 7 }, "422 rating_invalid"],
    [{}, "422 rating_invalid"],
    [{ p_rating: 3, p_quality: 1 }, "422 rating_invalid"],
    [{ p_rating: 3, p_duration_ms: -1 }, "422 duration_invalid"],
    [{ p_rating: 3, p_review_no: 99 }, "409 review_out_of_turn"],
    [{ p_rating: 3, p_card_id: randomUUID() }, "404 card_not_found"],
  ])("refuses %j", async (args, expected) => {
    expect(await refused(ann, "review_card", { p_card_id: card.id, ...args })).toBe(expected);
  });

  test("takes no time from a client, and no direct writing", async () => {
    const { error } = await ann.client.rpc("review_card", {
      p_card_id: card.id,
      p_rating: 3,
      p_at: "2030-01-01T00:00:00Z",
    });
    expect(error?.code).toBe("PGRST202"); // There is no such argument.
    const { error: written } = await ann.client.from("sm2_review_cards").update({
      due_on: "2020-01-01",
    }).eq("id", card.id);
    expect(written?.code).toBe("42501");
    const { error: logged } = await ann.client.from("review_logs").delete().eq("card_id", card.id);
    expect(logged?.code).toBe("42501");
  });

  test("nobody without an account", async () => {
    const { error } = await anonymous("study").rpc("due_cards");
    expect(error?.code).toBe("42501");
  });
});

describe("a card of a question", () => {
  test("shows what is asked, and never the key", async () => {
    const question = await rpc<{ id: string }>(ben, "create_question", {
      p_content: {
        vignette: "How many chambers has the heart?",
        options: [{ text: "Four", is_correct: true, rationale: "hushhush" }, { text: "Two" }],
      },
    });
    const card = await rpc<Card>(ben, "card_from_question", { p_question_id: question.id });
    const due = await rpc<Due[]>(ben, "due_cards");
    expect(due).toHaveLength(1);
    expect(due[0]?.card_id).toBe(card.id);
    expect(due[0]?.question).toMatchObject({
      vignette: "How many chambers has the heart?",
      options: [{ index: 0, text: "Four" }, { index: 1, text: "Two" }],
    });
    expect(JSON.stringify(due)).not.toMatch(/is_correct|hushhush|rationale/);
    await rpc(ben, "retire_question", { p_question_id: question.id });
    expect(await rpc<Due[]>(ben, "due_cards")).toEqual([]);
    expect(await refused(ann, "card_from_question", { p_question_id: question.id }))
      .toBe("404 question_not_found");
  });
});

describe("wishes", () => {
  test("are checked, kept, and lay other rules on the cards", async () => {
    const eve = await learner();
    expect(await rpc(eve, "my_settings")).toMatchObject({ scheduler: "fsrs", weights: null });
    const card = await rpc<Card>(eve, "create_card", { p_front: "F", p_back: "B" });
    await rpc(eve, "review_card", { p_card_id: card.id, p_rating: 4 });
    expect(await refused(eve, "set_learner_settings", { p_settings: { desired_retention: 2 } }))
      .toBe("422 settings_invalid");
    expect(await rpc(eve, "set_learner_settings", { p_settings: { scheduler: "sm2" } }))
      .toMatchObject({ scheduler: "sm2" });
    const rows = await sql<{ interval_days: number; scheduler: string }>(
      "select interval_days, scheduler from study.sm2_review_cards where id = $1",
      [card.id],
    );
    expect(rows).toEqual([{ interval_days: 1, scheduler: "sm2" }]);
  });
});
