// The last administrator stays, whoever takes roles away at the same moment.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
const rounds = 15;

beforeAll(async () => {
  database = await copyOf("EMPTY", "roles");
  await loadHelpers(database.sql);
  await warmUp(database.sql, 20);
});
afterAll(() => database?.drop());

/** Exactly these many administrators, all of the highest level. */
async function administrators(count: number): Promise<string[]> {
  const { sql } = database;
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const [row] = await sql<{ id: string }[]>`
      select tests.create_user('admin-' || gen_random_uuid() || '@race.test', '{admin}') as id`;
    ids.push(row?.id ?? "");
  }
  await sql`delete from core.user_roles where role = 'admin' and not user_id = any (${ids})`;
  await sql`update core.admins set level = 'super' where id = any (${ids})`;
  return ids;
}

const count = async () => (await database.sql`select from core.admins`).length;

const revoke = (actor: string, target: string) => () =>
  asUser(
    database,
    actor,
    (tx) => tx`select core.revoke_role(${target}, 'admin', 'For a test.')`,
  );

/** Whoever was too late finds that he is no administrator any more, or that he is the last one. */
const expected = /PT409 last_admin|PT403 role_required/;

describe("the last administrator", () => {
  test("is there after two have revoked each other at once, round after round", async () => {
    for (let round = 0; round < rounds; round++) {
      const [one = "", two = ""] = await administrators(2);
      const { done, refused } = await rush([revoke(one, two), revoke(two, one)]);
      expect(done).toHaveLength(1);
      expect(Object.keys(refused).every((why) => expected.test(why)), JSON.stringify(refused))
        .toBe(true);
      expect(await count()).toBe(1);
    }
  });

  test("is there after two have left at once, round after round", async () => {
    for (let round = 0; round < rounds; round++) {
      const [one = "", two = ""] = await administrators(2);
      const { done, refused } = await rush([revoke(one, one), revoke(two, two)]);
      expect(done).toHaveLength(1);
      expect(refused).toEqual({ "PT409 last_admin": 1 });
      expect(await count()).toBe(1);
    }
  });

  test("is there after ten have left at once in three ways", async () => {
    const { sql } = database;
    const ten = await administrators(10);
    const suspend = (id: string) => () =>
      sql`update core.profiles set is_active = false where id = ${id}`;
    const remove = (id: string) => () => sql`delete from auth.users where id = ${id}`;
    const ways = [suspend, remove, (id: string) => revoke(id, id)];
    const { done, refused } = await rush<unknown>(
      ten.map((id, i) => async () => await ways[i % 3]?.(id)()),
    );
    expect(refused).toEqual({ "PT409 last_admin": 1 });
    expect(done).toHaveLength(9);
    const [active] = await sql<{ count: number }[]>`
      select count(*)::int from core.user_roles r join core.profiles p on p.id = r.user_id
      where r.role = 'admin' and p.is_active`;
    expect(active?.count).toBe(1);
  });
});

test("a role that twenty grant at once is granted once, and has one line of history", async () => {
  const [admin = ""] = await administrators(1);
  const [row] = await database.sql<{ id: string }[]>`
    select tests.create_user('moderator@race.test') as id`;
  const user = row?.id ?? "";
  const grant = () =>
    asUser(database, admin, async (tx) => {
      const [granted] = await tx<{ is_new: boolean }[]>`
        select core.grant_role(${user}, 'moderator', 'For a test.') as is_new`;
      return granted?.is_new;
    });
  const { done, refused } = await rush(times(20, () => grant));
  expect(refused).toEqual({});
  expect(done.filter(Boolean)).toHaveLength(1);
  const history = await database.sql`
    select from core.role_change_history where user_id = ${user} and role = 'moderator'`;
  expect(history).toHaveLength(1);
});

test("every invariant holds afterwards", () => expectSound(database));
