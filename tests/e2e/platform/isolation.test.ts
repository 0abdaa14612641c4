// What hosted Supabase gives without saying: concurrent users do not see each other's claims, and
// nobody holds a right that no migration has granted.
import { describe, expect, test } from "vitest";
import { signUp, sql } from "../../setup/stack.ts";

const schema = "platform_test";

describe("concurrent users", () => {
  test("keep their own claims through transactions that overlap", async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => signUp({}, schema)));
    const calls = people.flatMap((person) =>
      Array.from({ length: 15 }, async (_, index) => {
        const name = index % 3 === 0 ? "slow_whoami" : "whoami";
        const { data, error } = await person.client.rpc(
          name,
          index % 3 === 0 ? { p_seconds: 0.01 } : {},
        );
        if (error) throw error;
        return index % 3 === 0
          ? data.before === person.id && data.after === person.id
          : data.uid === person.id && data.claims.sub === person.id;
      })
    );
    const answers = await Promise.all(calls);
    expect(answers).toHaveLength(90);
    expect(answers.filter((isOwn) => !isOwn)).toHaveLength(0);
  });

  test("write only as themselves, and a failure in one leaves the others alone", async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => signUp({}, schema)));
    await Promise.all(people.map(async ({ client, id }) => {
      const { error } = await client.from("authors").insert({ id, name: "x" });
      if (error) throw error;
      await Promise.all(Array.from({ length: 10 }, (_, index) => {
        const body = index % 2 === 0 ? `of ${id}` : ""; // an empty one fails its check
        return client.from("notes").insert({ slug: `s${index}`, body });
      }));
    }));
    const rows = await sql<{ author_id: string; count: number; foreign: number }>(
      `select author_id, count(*)::int as count,
         count(*) filter (where body <> 'of ' || author_id)::int as foreign
       from platform_test.notes where author_id = any ($1::uuid[]) group by 1`,
      [people.map(({ id }) => id)],
    );
    expect(rows).toHaveLength(people.length);
    for (const row of rows) expect(row).toMatchObject({ count: 5, foreign: 0 });
  });
});

describe("rights", () => {
  test("are those of the migrations: the API roles hold no TRUNCATE, TRIGGER or REFERENCES", async () => {
    const { client } = await signUp({}, schema);
    await client.from("notes").select(); // the stack has served requests before this looks
    const rows = await sql(
      `select table_schema, table_name, grantee, privilege_type
       from information_schema.role_table_grants
       where grantee in ('anon', 'authenticated')
         and privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES')`,
    );
    expect(rows).toEqual([]);
  });

  test("on a table are exactly what was granted", async () => {
    const rows = await sql<{ grantee: string; privileges: string[] }>(
      `select grantee, array_agg(privilege_type::text order by privilege_type) as privileges
       from information_schema.role_table_grants
       where table_schema = 'platform_test' and table_name = 'notes' and grantee <> 'postgres'
       group by grantee order by grantee`,
    );
    expect(rows).toEqual([
      { grantee: "authenticated", privileges: ["DELETE", "SELECT"] },
      { grantee: "service_role", privileges: ["DELETE", "INSERT", "SELECT", "UPDATE"] },
    ]);
  });

  test("on the accounts of Auth are nobody's", async () => {
    const rows = await sql(
      `select has_table_privilege(role, 'auth.users', 'select') as may
       from unnest(array['anon', 'authenticated', 'service_role']) as role`,
    );
    expect(rows).toEqual([{ may: false }, { may: false }, { may: false }]);
  });
});
