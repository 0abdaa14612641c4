// npm run check must see what it is there to see, and nothing else.
import { describe, expect, test } from "vitest";
import { checkSql } from "../../scripts/check/sql-style.ts";

const path = "supabase/migrations/20260101000100_core_types.sql";
const find = (text: string, at = path) =>
  checkSql([{ path: at, text }]).map(({ line, message }) => `${line ?? 0} ${message}`);

describe("SQL style", () => {
  test("has nothing to say of good SQL", () => {
    expect(find(`-- What is here; IF and SELECT in a comment are English.
create function core.hello(p_name text)
returns text
language sql
stable
set search_path = ''
as $$
  select 'SELECT; ' || p_name || $tag$ from ; $tag$;
$$;
create policy greetings_select_owner on core.greetings
  for select to authenticated, service_role
  using ((select auth.uid()) = owner_id);
`)).toEqual([]);
  });

  test("finds upper case, in bodies of functions too, with its line", () => {
    expect(find("-- a\ndo $$\nbegin\n  SELECT 1;\nend $$;\n")).toEqual(["4 SELECT in upper case"]);
  });

  test("finds a function that leaves its search_path open", () => {
    const open =
      "-- a\ncreate or replace function core.f() returns int language sql as 'select 1';\n";
    expect(find(open)).toEqual(["2 function core.f does not `set search_path = ''`"]);
    const inBody = "-- a\ncreate function core.f() returns void language sql as $$\n" +
      "  set search_path = '';\n$$;\n";
    expect(find(inBody)).toHaveLength(1);
  });

  test("finds a policy for everybody, and one that asks for each row", () => {
    expect(find("-- a\ncreate policy p on core.t for select using (to_id = 1);\n"))
      .toEqual(["2 policy p does not say `to` whom"]);
    expect(find("-- a\ncreate policy p on core.t to public using (true);\n"))
      .toEqual(["2 policy p is for public"]);
    expect(find("-- a\ncreate policy p on core.t to authenticated\n  using (auth.uid() = id);\n"))
      .toEqual(["3 auth.uid() is run for each row: select it"]);
  });

  test("finds what is left undone, untidy or unexplained", () => {
    expect(find(`-- ${"TO"}${"DO"}: think\nselect 1; \n`))
      .toEqual(["2 trailing space", `1 a ${"TO"}${"DO"}`]);
    expect(find("select 1;\n")).toEqual(["1 a file opens with a comment: what is here, and why"]);
  });

  test("finds names out of order", () => {
    expect(find("-- a\n", "supabase/migrations/2026_core_types.sql")).toHaveLength(1);
    expect(find("-- a\n", "supabase/migrations/20260101000100_chess_types.sql")).toHaveLength(1);
    const twice = checkSql([
      { path: "supabase/migrations/20260101000100_core_a.sql", text: "-- a\n" },
      { path: "supabase/migrations/20260101000100_core_b.sql", text: "-- b\n" },
    ]);
    expect(twice.map(({ message }) => message)).toEqual([
      "has the version of 20260101000100_core_a.sql",
    ]);
  });
});
