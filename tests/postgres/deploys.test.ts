// Two deployments of the migrations at once: the stack's own, and the official CLI's.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { remote, supabase } from "../../scripts/check-supabase/supabase.ts";
import { prepareProject } from "../../scripts/postgres/databases.ts";
import { root } from "../../scripts/stack/paths.ts";
import { type Database, expectSound, newDatabase, rush, times } from "./native.ts";

const migrations = readdirSync(join(root, "supabase", "migrations")).filter((name) =>
  name.endsWith(".sql")
);
let database: Database | undefined;

afterEach(async () => {
  await database?.drop();
  database = undefined;
});

const recorded = async ({ sql }: Database): Promise<number> =>
  (await sql`select from supabase_migrations.schema_migrations`).length;

describe("two deployments at once", () => {
  test("of the stack on an empty database both succeed, and each file ran once", async () => {
    database = await newDatabase("deploy");
    const { url } = database;
    const { refused } = await rush(times(3, () => () => prepareProject(url, { seed: true })));
    expect(refused).toEqual({});
    expect(await recorded(database)).toBe(migrations.length);
    await expectSound(database);
  }, 60_000);

  test("of the CLI leave a whole database, and the next one finds nothing to do", async () => {
    database = await newDatabase("push");
    const { url } = database;
    await prepareProject(url, { only: () => false });
    const push = () => supabase(["db", "push", "--yes", remote(url)]);
    const pushes = await Promise.all([push(), push()]);
    expect(pushes.filter(({ ok }) => ok).length, pushes.map(({ output }) => output).join("\n"))
      .toBeGreaterThanOrEqual(1);
    const last = await push();
    expect(last.output).toContain("up to date");
    expect(await recorded(database)).toBe(migrations.length);
    await expectSound(database);
  }, 60_000);
});
