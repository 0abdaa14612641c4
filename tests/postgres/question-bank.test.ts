// The question bank in a rush: one file sent many times at once, answers that come in while they are added up, questions
// that are being written or deleted meanwhile. Nothing is there twice, nothing is counted twice or lost, nobody waits.
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
  database = await copyOf("EMPTY", "question_bank");
  await loadHelpers(database.sql);
  await warmUp(database.sql, 20);
});
afterAll(async () => {
  await expectSound(database);
  await database.drop();
});

const person = async (): Promise<string> => {
  const [row] = await database.sql<{ id: string }[]>`
    select tests.create_user('bank-' || gen_random_uuid() || '@race.test') as id`;
  return row?.id ?? "";
};
const items = (...names: string[]) =>
  names.map((name) => ({
    vignette: `${name}, or not?`,
    options: [{ text: "Yes", is_correct: true }, { text: "No" }],
  }));

const importAs = (
  who: string,
  ...names: string[]
): Promise<{ imported: number; question_ids: string[] }> =>
  asUser(database, who, async (tx) => {
    const [row] = await tx`select study.import_questions(${tx.json(items(...names))}) as r`;
    return row?.["r"] as { imported: number; question_ids: string[] };
  });

/** Answers by somebody else, as practice hands them on. */
const answer = (question: string, who: string, count = 1) =>
  database.sql`
    select private.study_count_attempts(array(
      select row(gen_random_uuid(), ${who}::uuid, v.question_id, v.id, gen_random_uuid(), null, 'practice', '{0}', false, true,
        null, 1000, current_date, now())::study.user_question_attempts
      from study.question_versions as v cross join generate_series(1, ${count}::integer)
      where v.question_id = ${question} and v.version_no = 1
    ), now())`;
const fold = async () => {
  const [row] = await database.sql<{ n: string }[]>`select private.fold_question_statistics() as n`;
  return Number(row?.n);
};
const counts = async (question: string) => {
  const [row] = await database.sql`
    select q.times_answered::integer as answered, s.times_answered::integer as summed
    from study.questions as q left join study.question_statistics as s on s.question_id = q.id where q.id = ${question}`;
  return [row?.["answered"], row?.["summed"]];
};

test("one file sent eight times at once comes in once", async () => {
  const ann = await person();
  const { done, refused } = await rush(times(8, () => () => importAs(ann, "A", "B", "C")));
  expect(refused).toEqual({});
  expect(done.map(({ imported }) => imported).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 3]);
});

test("answers are counted once, whoever adds them up meanwhile", async () => {
  const [ann, ben] = await Promise.all([person(), person()]);
  const { question_ids: [question = ""] } = await importAs(ann, "D");
  const { refused } = await rush<unknown>(
    times(120, (i) => () => i % 4 === 0 ? fold() : answer(question, ben, 2)),
  );
  expect(refused).toEqual({});
  await fold();
  expect(await counts(question)).toEqual([180, 180]);
});

test("a question that is being written is left for the next time, the others are not", async () => {
  const [ann, ben] = await Promise.all([person(), person()]);
  const { question_ids: [held = "", free = ""] } = await importAs(ann, "E", "F");
  await Promise.all([answer(held, ben), answer(free, ben)]);
  await asUser(database, ann, async (tx) => {
    await tx`select study.revise_question(${held}, ${tx.json(items("G")[0] ?? {})})`;
    expect(await fold()).toBe(1);
    expect(await counts(held)).toEqual([0, null]);
    expect(await counts(free)).toEqual([1, 1]);
    // And who answers does not wait either.
    await answer(held, ben);
  });
  expect(await fold()).toBe(2);
  expect(await counts(held)).toEqual([2, 2]);
});

test("a question that goes takes along what waits for it", async () => {
  const [ann, ben] = await Promise.all([person(), person()]);
  const { question_ids } = await importAs(ann, "H", "I", "J", "K");
  for (const question of question_ids) await answer(question, ben, 5);
  const { refused } = await rush<unknown>([
    ...question_ids.map((id) => () => database.sql`delete from study.questions where id = ${id}`),
    ...times(4, () => fold),
  ]);
  expect(refused).toEqual({});
  await fold();
  const [row] = await database.sql`
    select count(*)::integer as waiting from private.question_statistics_deltas where question_id = any (${question_ids}::uuid[])`;
  expect(row?.["waiting"]).toBe(0);
});
