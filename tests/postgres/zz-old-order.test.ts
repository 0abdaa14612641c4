// throw-away: shows that the two deadlocks were real, with the functions as they were before.
import { afterAll, beforeAll, expect, test } from "vitest";
import { asUser, copyOf, type Database, loadHelpers } from "./native.ts";
let database: Database;
beforeAll(async () => {
  database = await copyOf("EMPTY", "zz");
  await loadHelpers(database.sql);
  await database.sql`do $x$ begin execute replace(pg_get_functiondef('private.social_mention(text,uuid,uuid,text)'::regprocedure), 'for key share of p skip locked', 'for key share of p'); end $x$`;
});
afterAll(async () => { await database?.drop(); });
test("mention", async () => {
  const [a] = await database.sql`select tests.create_user('zz1@x.test') as id`;
  const [r] = await database.sql`select tests.create_user('zz2@x.test') as id`;
  const [row] = await database.sql`insert into social.posts (author_id, title, content) values (${a!.id}, 'x', 'y') returning id`;
  const [n] = await database.sql`select username from core.profiles where id = ${a!.id}`;
  let failure = "";
  let del: Promise<unknown> = Promise.resolve();
  await asUser(database, r!.id, async (tx) => {
    await tx`insert into social.comments (post_id, content) values (${row!.id}, 'First')`;
    del = database.sql`delete from auth.users where id = ${a!.id}`.execute().then(() => "", (e: Error) => e.message);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await tx`insert into social.comments (post_id, content) values (${row!.id}, ${`Hello @${n!.username}`})`;
  }).catch((e: Error) => { failure = e.message; });
  console.log("OLD:", failure, await del);
  expect(true).toBe(true);
});
