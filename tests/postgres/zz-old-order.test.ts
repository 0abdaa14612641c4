import { afterAll, beforeAll, expect, test } from "vitest";
import { asUser, copyOf, type Database, loadHelpers, warmUp } from "./native.ts";
let database: Database; let people = 0;
beforeAll(async () => {
  database = await copyOf("EMPTY", "zz");
  await loadHelpers(database.sql);
  await warmUp(database.sql, 10);
  await database.sql`do $x$ begin execute replace(pg_get_functiondef('private.social_mention(text,uuid,uuid,text)'::regprocedure), 'for key share of p skip locked', 'for key share of p'); end $x$`;
});
afterAll(async () => { await database?.drop(); });
async function person(): Promise<string> {
  const email = `follow-${++people}@race.test`;
  const [row] = await database.sql<{ id: string }[]>`select tests.create_user(${email}) as id`;
  return row?.id ?? "";
}
const publish = (who: string, title: string) =>
  asUser(database, who, (tx) => tx`insert into social.posts (title, content) values (${title}, 'Text.')`);
// Deleting takes his posts in the order of an index or of the table: one of the two shows what is meant.
test.each([
  ["Newer", "Older"],
  ["Older", "Newer"],
])("somebody named under his own post while he is deleted: no deadlock", async (held, named) => {
  const [author, reader] = [await person(), await person()];
  for (const title of ["Older", "Newer"]) await publish(author, title);
  const posts = await database.sql<{ id: string; title: string; username: string }[]>`
    select p.id, p.title, a.username from social.posts p join core.profiles a on a.id = p.author_id
    where p.author_id = ${author}`;
  const post = (title: string) => posts.find((p) => p.title === title)?.id ?? "";
  const text = `Hello @${posts[0]?.username}`;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
  const { both } = await database.sql.begin(async (tx) => {
    // Deleting holds the person and waits for this post; the comment counts itself on the other one, and names him.
    await tx`select from social.posts where id = ${post(held)} for no key update`;
    const deleting = database.sql`delete from auth.users where id = ${author}`.execute();
    await pause();
    const commenting = asUser(
      database,
      reader,
      (own) =>
        own`insert into social.comments (post_id, content) values (${post(named)}, ${text})`,
    );
    await pause();
    return { both: Promise.allSettled([deleting, commenting]) };
  });
  console.log("OLD", JSON.stringify((await both).map((x) => x.status === "rejected" ? String(x.reason) : "fine")));
  expect((await both).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  const [left] = await database.sql<{ comments: number; mentions: number }[]>`
    select (select count(*)::int from social.comments where post_id = ${post(named)}) as comments,
      (select count(*)::int from social.mentions where actor_id = ${reader}) as mentions`;
  expect(left).toEqual({ comments: 1, mentions: 0 });
});

