// The coach in a rush: one question a client_id, one answer at a time in a conversation, so many of a person and no more,
// limits to the last one, and one end of an answer whoever wants to end it. Nothing waits for each other in a circle.
import { randomUUID } from "node:crypto";
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
  database = await copyOf("EMPTY", "coach");
  await loadHelpers(database.sql);
  await database.sql`
    update core.settings set value = jsonb_set(value, '{coach}', '{"burst": 100000, "per_hour": 100000}')
    where key = 'study.limits'`;
  await warmUp(database.sql, 40);
});
afterAll(async () => {
  await expectSound(database);
  await database.drop();
});

const person = async (): Promise<string> => {
  const [row] = await database.sql<{ id: string }[]>`
    select tests.create_user('coach-' || gen_random_uuid() || '@race.test') as id`;
  return row?.id ?? "";
};
const call = (who: string, text: string, params: string[]) => () =>
  asUser(database, who, async (tx) => {
    const [row] = await tx.unsafe<{ value: unknown }[]>(`select ${text} as value`, params);
    return row?.value;
  });
const start = (who: string, id: string) => call(who, "(study.start_conversation($1)).id", [id]);
const ask = (who: string, conversation: string, key: string = randomUUID()) =>
  call(who, "study.ask_coach($1, 'What is it?', $2)", [conversation, key]) as () => Promise<Turn>;
const serve = (text: string, params: (string | number)[]) => async () => {
  const [row] = await database.sql.unsafe<{ value: unknown }[]>(`select ${text} as value`, params);
  return row?.value;
};

interface Turn {
  is_new: boolean;
  answer: { id: string; attempt_no: number };
}

test("a conversation is begun once, a question is asked once", async () => {
  const [who, id, key] = [await person(), randomUUID(), randomUUID()];
  const begun = await rush(times(10, () => start(who, id)));
  expect(begun).toEqual({ done: times(10, () => id), refused: {} });
  const asked = await rush(times(12, () => ask(who, id, key)));
  expect(asked.refused).toEqual({});
  expect(asked.done.filter((turn) => turn.is_new)).toHaveLength(1);
  expect(new Set(asked.done.map(({ answer }) => answer.id)).size).toBe(1);
  const [used] = await database.sql`select messages from study.coach_usage where user_id = ${who}`;
  expect(used).toEqual({ messages: 1 });
});

test("in one conversation one answer is written at a time", async () => {
  const [who, id] = [await person(), randomUUID()];
  await start(who, id)();
  const { done, refused } = await rush(times(12, () => ask(who, id)));
  expect(done).toHaveLength(1);
  expect(refused).toEqual({ "PT409 answer_in_progress": 11 });
});

test("of one person three, in however many conversations", async () => {
  const who = await person();
  const ids = times(12, () => randomUUID());
  await rush(ids.map((id) => start(who, id)));
  const { done, refused } = await rush(ids.map((id) => ask(who, id)));
  expect(done).toHaveLength(3);
  expect(refused).toEqual({ "PT429 too_many_answers": 9 });
});

test("the last one of a day is given once", async () => {
  const who = await person();
  const ids = times(8, () => randomUUID());
  await rush(ids.map((id) => start(who, id)));
  await database
    .sql`insert into study.coach_usage (user_id, day, messages) values (${who}, (now() at time zone 'UTC')::date, 199)`;
  const { done, refused } = await rush(ids.map((id) => ask(who, id)));
  expect(done).toHaveLength(1);
  expect(refused).toEqual({ "PT429 coach_limit_reached": 7 });
});

test("stopped, ended, kept, resumed and asked past at once, an answer has one end", async () => {
  for (let round = 0; round < 8; round++) {
    const [who, id] = [await person(), randomUUID()];
    await start(who, id)();
    const { answer } = await ask(who, id)();
    const finish = (status: string) =>
      serve("study.finish_answer($1, 1, $2, 'Nothing is said.', '[]', false)", [answer.id, status]);
    const { refused, done } = await rush<unknown>([
      ...times(3, () => serve("study.keep_answer($1, 1, 'Nothing')", [answer.id])),
      finish("completed"),
      call(who, "study.stop_answer($1)", [answer.id]),
      finish("completed"),
      call(who, "study.resume_answer($1)", [answer.id]),
      ask(who, id),
      finish("failed"),
      serve("private.study_tend_answers()", []),
    ]);
    const expected = new Set(["PT409 answer_not_stopped", "PT409 answer_in_progress"]);
    expect(Object.keys(refused).filter((why) => !expected.has(why))).toEqual([]);
    const ended = done.filter((one) => (one as { recorded?: boolean } | null)?.recorded === true);
    expect(ended.length).toBeLessThanOrEqual(1);
    const rows = await database.sql`
      select from study.chat_messages where conversation_id = ${id} and status = 'streaming'`;
    expect(rows.length).toBeLessThanOrEqual(1);
  }
});

test("a person who goes takes everything along, whatever is being written", async () => {
  const [who, id] = [await person(), randomUUID()];
  await start(who, id)();
  const { answer } = await ask(who, id)();
  const { refused } = await rush<unknown>([
    serve("study.keep_answer($1, 1, 'Nothing')", [answer.id]),
    async () => await database.sql`delete from auth.users where id = ${who}`,
    serve("study.finish_answer($1, 1, 'completed', 'Nothing is said.', '[]', false)", [answer.id]),
    serve("study.count_coach_usage($1, '{\"input_tokens\": 3}')", [who]),
  ]);
  expect(Object.keys(refused).filter((why) => !why.startsWith("PT404"))).toEqual([]);
  const left = await database.sql`select from study.coach_usage where user_id = ${who}`;
  expect(left).toHaveLength(0);
});
