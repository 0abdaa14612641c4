// The checks of `npm run check:supabase` see what they are for: each is shown a database that is wrong.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  advisors,
  lint,
  listMigrations,
  pushNothing,
  types,
} from "../../scripts/check-supabase/database.ts";
import { judge, type LintFinding } from "../../scripts/check-supabase/exceptions.ts";
import { exposeSchemas } from "../../scripts/check-supabase/exposed.ts";
import { openManagementApi, projectRef } from "../../scripts/check-supabase/management-api.ts";
import { readJson } from "../../scripts/check-supabase/supabase.ts";
import { readConfig } from "../../scripts/stack/config.ts";
import { copyOf, type Database } from "./native.ts";

let database: Database;

beforeAll(async () => {
  database = await copyOf("EMPTY", "wrong");
  await exposeSchemas(database.url, readConfig().schemas);
});
afterAll(() => database?.drop());

const make = (text: string) => database.sql.unsafe(text);

describe("the database", () => {
  test("as the migrations make it passes", async () => {
    const { url } = database;
    for (const check of [listMigrations, lint, advisors, types]) {
      const { ok, output } = await check(url);
      expect(ok, `${check.name}: ${output}`).toBe(true);
    }
  });

  test("with a function that cannot work fails lint", async () => {
    await make(`create function qa.broken() returns integer language plpgsql set search_path = ''
      as $$ begin return (select missing from qa.questions); end; $$`);
    const { ok, output } = await lint(database.url);
    expect(ok).toBe(false);
    expect(output).toMatch(/qa\.broken:\d+ error: column "missing" does not exist/);
  });

  test("with an open table, a loose view and a missing index fails advisors, thrice", async () => {
    await make(`
      create table qa.open_table (id bigint primary key, question_id uuid references qa.questions (id));
      create view qa.loose_view as select id from qa.questions;
      grant select on qa.open_table, qa.loose_view to anon`);
    const { ok, output } = await advisors(database.url);
    expect(ok).toBe(false);
    expect(output).toMatch(/^rls_disabled_in_public: ERROR .*qa\.open_table/m);
    expect(output).toMatch(/^security_definer_view: ERROR .*qa\.loose_view/m);
    expect(output).toMatch(/^unindexed_foreign_keys: INFO .*qa\.open_table/m);
  });

  test("with one column more than the committed types fails types", async () => {
    const { ok, output } = await types(database.url);
    expect(ok).toBe(false);
    expect(output).toMatch(/\+ .*open_table/);
  });

  test("without one of the migrations fails the list, and is not up to date", async () => {
    await make(`delete from supabase_migrations.schema_migrations where version =
      (select max(version) from supabase_migrations.schema_migrations)`);
    const list = await listMigrations(database.url);
    expect(list.ok).toBe(false);
    expect(list.output).toMatch(/^local \d+, remote -$/m);
    expect((await pushNothing(database.url)).ok).toBe(false);
  });
});

describe("exceptions", () => {
  const finding = (lint: string, about: string): LintFinding => ({ lint, about, text: about });

  test("cover what they name, and nothing else", () => {
    const { problems, allowed } = judge(
      [finding("a", "ops.x"), finding("a", "qa.x"), finding("b", "ops.x"), finding("a", "opsy")],
      [{ lint: "a", about: "ops.*", reason: "Because." }],
    );
    expect(problems).toEqual(["a: qa.x", "b: ops.x", "a: opsy"]);
    expect(allowed).toBe(1);
  });

  test("that nothing needs, or that give no reason, are findings themselves", () => {
    expect(judge([finding("a", "x")], [{ lint: "a", about: "x", reason: " " }]).problems)
      .toEqual(["exceptions.json: a x: has no reason"]);
    expect(judge([], [{ lint: "a", about: "x", reason: "Because." }]).problems)
      .toEqual(["exceptions.json: a x: nothing needs it"]);
  });
});

describe("the management API on loopback", () => {
  test("keeps what is uploaded, by path, and notes what it does not know", async () => {
    const api = await openManagementApi();
    try {
      const form = new FormData();
      form.append("metadata", JSON.stringify({ entrypoint_path: "functions/a/index.ts" }));
      form.append("file", new File(["export {};\n"], "functions/a/index.ts"));
      const base = `${api.url}/v1/projects/${projectRef}/functions`;
      const answer = await fetch(`${base}/deploy?slug=a`, { method: "POST", body: form });
      expect(answer.status).toBe(201);
      expect(api.uploads.map(({ slug, files }) => [slug, [...files]]))
        .toEqual([["a", [["functions/a/index.ts", "export {};\n"]]]]);
      expect((await fetch(`${api.url}/v1/secrets`)).status).toBe(404);
      expect(api.strange).toEqual(["GET /v1/secrets"]);
    } finally {
      await api.close();
    }
  });
});

describe("reading the CLI's answer", () => {
  test("finds the JSON between lines for people", () => {
    expect(readJson("Target: x\n[\n  1\n]\nfail-on is set [x]", "[")).toEqual([1]);
    expect(readJson("nothing here", "[")).toBeUndefined();
  });
});
