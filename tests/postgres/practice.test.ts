// Practice under concurrency: nobody's double click counts twice, two devices of one learner come one after the other, and a test
// that begins closes the key that another session would have told.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asUser, type Database, expectSound, rush, type Sql, times } from "./native.ts";
import { openPractice, type Practice } from "./practising.ts";

let database: Database;
let sql: Sql;
let questions: string[];
let practice: Practice;

beforeAll(async () => {
  practice = await openPractice("practice");
  ({ database, sql, questions } = practice);
});
afterAll(async () => {
  await expectSound(database);
  await database.drop();
});

const [FIRST, SECOND] = [0, 1];
const question = (no: number) => questions[no] as string;

describe("one learner", () => {
  test("who clicks twenty times at once has answered once", async () => {
    const ann = await practice.person();
    const session = await practice.start(ann, "tutor", [question(FIRST), question(SECOND)]);
    const { done, refused } = await rush(
      times(20, (i) => () => practice.answer(ann, session, question(FIRST), i % 3)),
    );
    expect(done).toHaveLength(1);
    expect(refused).toEqual({ "PT409 already_answered": 19 });
    const all = await practice.totals(ann);
    expect(all).toMatchObject({ total: 1, attempts: 1, progress: 1 });
    expect(all?.xp).toBe(all?.ledger);
  });

  test("on two devices comes one after the other, and loses nothing", async () => {
    const ann = await practice.person();
    const [phone, desk] = await Promise.all([
      practice.start(ann, "tutor", questions.slice(0, 5)),
      practice.start(ann, "tutor", questions.slice(5)),
    ]);
    const { done, refused } = await rush(
      questions.map((id, no) => () => practice.answer(ann, no < 5 ? phone : desk, id, no % 2)),
    );
    expect(refused).toEqual({});
    expect(done).toHaveLength(10);
    const all = await practice.totals(ann);
    expect(all).toMatchObject({ total: 10, attempts: 10, progress: 10 });
    expect(all?.xp).toBe(all?.ledger);
    expect(done.reduce((sum, { xp_earned }) => sum + xp_earned, 0)).toBe(all?.xp);
  });

  test("who finishes twenty times at once is graded once, and always told the same", async () => {
    const ann = await practice.person();
    const session = await practice.start(ann, "timed", questions);
    for (const id of questions.slice(0, 4)) await practice.answer(ann, session, id);
    const { done, refused } = await rush(times(20, () => () => practice.finish(ann, session)));
    expect(refused).toEqual({});
    expect(new Set(done).size).toBe(1);
    const all = await practice.totals(ann);
    expect(all).toMatchObject({ total: 4, attempts: 4, progress: 4 });
    expect(all?.xp).toBe(all?.ledger);
  });

  test("who answers while the time is up is counted or refused, never half", async () => {
    const ann = await practice.person();
    const session = await practice.start(ann, "test", questions);
    await practice.answer(ann, session, question(FIRST));
    const ended = sql`
      update study.practice_sessions set running_since = now() - time_limit_seconds * interval '1 second' where id = ${session} and status = 'active'`;
    const { refused } = await rush([
      ...questions.map((id) => () => practice.answer(ann, session, id).then(() => "answered")),
      () => ended.then(() => "ended"),
      ...times(5, () => () => practice.finish(ann, session).then(() => "finished")),
      ...times(3, () => () => sql`select private.study_tend_practice()`.then(() => "swept")),
    ]);
    expect(Object.keys(refused).filter((code) => !/^PT409 (session_over|time_is_up)$/.test(code)))
      .toEqual([]);
    const [row] = await sql`
      select s.status, s.answered_count = (
        select count(*) from study.user_question_attempts as a where a.session_id = s.id
      ) as is_exact
      from study.practice_sessions as s where s.id = ${session}`;
    expect(row).toEqual({ status: "completed", is_exact: true });
  });

  test("who sends one request ten times at once begins one session", async () => {
    const ann = await practice.person();
    const { done, refused } = await rush(
      times(10, () => () => practice.start(ann, "tutor", questions, "one")),
    );
    expect(refused).toEqual({});
    expect(new Set(done).size).toBe(1);
  });

  test("opens no more sessions than he may, however fast he is", async () => {
    await sql`update core.settings set value = '3' where key = 'study.max_open_sessions'`;
    const ann = await practice.person();
    const { done, refused } = await rush(
      times(12, () => () => practice.start(ann, "tutor", questions)),
    );
    expect(done).toHaveLength(3);
    expect(refused).toEqual({ "PT409 too_many_sessions": 9 });
    await sql`update core.settings set value = '20' where key = 'study.max_open_sessions'`;
  });

  test("is told no key by another session while a test with that question begins", async () => {
    const ann = await practice.person();
    const tutor = await practice.start(ann, "tutor", [question(FIRST), question(SECOND)]);
    let release = () => {};
    const held = new Promise<void>((resolve) => release = resolve);
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => begun = resolve);
    const exam = asUser(database, ann, async (tx) => {
      await tx`select study.start_practice('test', p_question_ids => ${[question(FIRST)]}::uuid[])`;
      begun();
      await held;
    });
    await hasBegun;
    const asked = rush([() => practice.answer(ann, tutor, question(FIRST))]);
    // It waits for the test to have begun, and then knows.
    await sql`select pg_sleep(0.2)`;
    release();
    await exam;
    expect((await asked).refused).toEqual({ "PT409 question_in_test": 1 });
  });
});

test("forty learners who answer one question at once do not wait in a circle", async () => {
  const crowd = await Promise.all(times(40, () => practice.person()));
  const sessions = await Promise.all(
    crowd.map((by) => practice.start(by, "tutor", [question(FIRST)])),
  );
  const { done, refused } = await rush(
    crowd.map((by, no) => () =>
      practice.answer(by, sessions[no] as string, question(FIRST), no % 2)
    ),
  );
  expect(refused).toEqual({});
  expect(done).toHaveLength(40);
  await sql`select private.fold_question_statistics()`;
  const [row] = await sql`
    select q.times_answered::int as answered, (
      select count(*)::int from study.user_question_attempts as a where a.question_id = q.id and not a.is_skipped
    ) as attempts
    from study.questions as q where q.id = ${question(FIRST)}`;
  expect(row?.answered).toBe(row?.attempts);
});
