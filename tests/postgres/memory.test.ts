// Cards in a rush: one review sent many times at once, two devices, undoing while reviewing, a scheduler that is changed
// meanwhile. Nothing counts twice, no number is given twice, and every card is what its log says.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  asUser,
  copyOf,
  type Database,
  expectSound,
  loadHelpers,
  rush,
  times,
  warmUp,
} from "./native.ts";

let database: Database;

beforeAll(async () => {
  database = await copyOf("EMPTY", "memory");
  await loadHelpers(database.sql);
  await database.sql.unsafe(
    readFileSync(join(import.meta.dirname, "..", "db", "000_helpers_study_play.sql"), "utf8"),
  );
  await warmUp(database.sql, 20);
});
afterAll(async () => {
  await expectSound(database);
  await database.drop();
});

const one = async <T>(text: string, params: unknown[] = []): Promise<T> => {
  const [row] = await database.sql.unsafe<{ value: T }[]>(
    `select ${text} as value`,
    params as string[],
  );
  return row?.value as T;
};
const person = () =>
  one<string>("tests.create_user('memory-' || gen_random_uuid() || '@race.test')");
const card = (who: string) =>
  one<string>(
    `(private.study_add_card(jsonb_populate_record(null::study.sm2_review_cards,
       jsonb_build_object('user_id', $1::text, 'source', 'note', 'front', 'f', 'back', 'b')))).id`,
    [who],
  );
const review = (who: string, id: string, rating: number, no: number | null, at: string) => () =>
  one<string>("(private.study_review_card($1, $2, $3, null, 0, $4, $5)).id", [
    who,
    id,
    rating,
    no,
    at,
  ] as unknown[]);
const standing = (id: string) =>
  one<number[]>(
    "array(select review_no from study.review_logs where card_id = $1 and undone_at is null order by 1)",
    [id],
  );
/** Cards whose memory is not what their log makes of it. */
const astray = (who: string) =>
  one<number>(
    `(select count(*)::integer from study.sm2_review_cards as c,
       lateral (select (private.study_replay_card(c, private.study_settings(c.user_id))).*) as r
      where c.user_id = $1 and (c.state, c.scheduler, c.stability, c.difficulty, c.repetition_count, c.lapses)
        is distinct from (r.state, r.scheduler, r.stability, r.difficulty, r.repetition_count, r.lapses))`,
    [who],
  );

test("one review sent thirty times at once is one review", async () => {
  const who = await person();
  const id = await card(who);
  const { done, refused } = await rush(times(30, () => review(who, id, 3, 1, "2026-03-02 09:00Z")));
  expect(refused).toEqual({});
  expect(new Set(done).size).toBe(1);
  expect(await standing(id)).toEqual([1]);
  expect(
    await one("(select cards_reviewed::integer from study.learners where user_id = $1)", [who]),
  )
    .toBe(1);
});

test("two ratings of one turn: one is taken, the other is refused", async () => {
  const who = await person();
  const id = await card(who);
  const { done, refused } = await rush(
    [1, 2, 3, 4].map((rating) => review(who, id, rating, 1, "2026-03-02 09:00Z")),
  );
  expect(done).toHaveLength(1);
  expect(refused).toEqual({ "PT409 review_out_of_turn": 3 });
  expect(await astray(who)).toBe(0);
});

test("many devices, many cards, one of each of whatever is done: all numbers in order, and each card is its log", async () => {
  const who = await person();
  const ids = await Promise.all(times(4, () => card(who)));
  const at = (n: number) => `2026-03-${String(2 + (n % 20)).padStart(2, "0")} 10:00Z`;
  const works = times(60, (n) => {
    const id = ids[n % ids.length] as string;
    if (n % 11 === 5) {
      return () =>
        one("(private.study_undo_review($1, $2, null, $3)).id", [who, id, at(n)] as unknown[]);
    }
    if (n % 17 === 7) {
      const wish = { scheduler: n % 2 === 0 ? "sm2" : "fsrs" };
      return () =>
        asUser(
          database,
          who,
          (tx) => tx`select study.set_learner_settings(${tx.json(wish)})`,
        );
    }
    if (n % 13 === 3) return () => one("private.study_reschedule_all($1, now())", [who]);
    return review(who, id, 1 + (n % 4), null, at(n));
  });
  const { refused } = await rush(works as (() => Promise<unknown>)[]);
  expect(Object.keys(refused).filter((code) => code !== "PT409 review_not_undoable")).toEqual([]);
  for (const id of ids) {
    const numbers = await standing(id);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  }
  await one("private.study_reschedule_all($1, now())", [who]);
  expect(await astray(who)).toBe(0);
});

test("one question, many devices: one card", async () => {
  const who = await person();
  const question = await one<string>("tests.play_question()");
  await database
    .sql`update study.questions set is_verified = false, verified_at = null where id = ${question}`;
  const make = () =>
    one<string>(
      `(private.study_add_card(jsonb_populate_record(null::study.sm2_review_cards,
         jsonb_build_object('user_id', $1::text, 'source', 'question', 'question_id', $2::text)))).id`,
      [who, question],
    );
  const { done, refused } = await rush(times(20, () => make));
  expect(refused).toEqual({});
  expect(new Set(done).size).toBe(1);
});
