// What stays in a data folder between two starts, and what happens when the migrations change.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { startStack } from "../../../scripts/stack/stack.ts";
import { clientOf, personOf } from "../../setup/own-stack.ts";

const folder = mkdtempSync(join(tmpdir(), "lyceum-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("data", () => {
  const migrations = join(folder, "migrations");
  const copy = () => {
    rmSync(migrations, { recursive: true, force: true });
    cpSync("supabase/migrations", migrations, { recursive: true });
  };
  const options = (data: string) => ({
    port: 0,
    data: join(folder, data),
    migrations,
    seed: false,
    quiet: true,
    workers: 0,
  });

  test("survives a restart: accounts, sessions, rows and files", async () => {
    copy();
    const first = await startStack(options("rows"));
    const { client, id } = await personOf(first, "kept@lyceum.test");
    const avatar = new Blob(["face"], { type: "image/png" });
    const admin = clientOf(first, first.secretKey);
    expect((await admin.storage.from("avatars").upload(`${id}/a.png`, avatar)).error).toBeNull();
    const { data: { session } } = await client.auth.getSession();
    await first.stop();

    const second = await startStack(options("rows"));
    const again = clientOf(second);
    const signedIn = await again.auth.signInWithPassword({
      email: "kept@lyceum.test",
      password: "correct-horse",
    });
    expect(signedIn.data.user?.id).toBe(id);
    const refreshed = await clientOf(second).auth.refreshSession({
      refresh_token: session?.refresh_token ?? "",
    });
    expect(refreshed.error).toBeNull();
    const file = await fetch(`${second.url}/storage/v1/object/public/avatars/${id}/a.png`);
    expect(await file.text()).toBe("face");
    await second.stop();
  });

  test("takes a migration that is added, and is left alone when one has changed", async () => {
    copy();
    await (await startStack(options("changed"))).stop();
    const added = join(migrations, "29990101000000_test_added.sql");
    writeFileSync(added, "create table public.added (id int primary key);");
    const second = await startStack(options("changed"));
    expect(await second.sql("select count(*)::int as n from public.added")).toEqual([{ n: 0 }]);
    expect(
      await second.sql(
        "select name from supabase_migrations.schema_migrations where version = '29990101000000'",
      ),
    ).toEqual([{ name: "test_added" }]);
    await second.stop();

    writeFileSync(added, "create table public.added (id bigint primary key);");
    const refusal = startStack(options("changed"));
    await expect(refusal).rejects.toThrow("29990101000000_test_added.sql");
    await expect(startStack(options("changed"))).rejects.toThrow("npm run reset");
    writeFileSync(added, "create table public.added (id int primary key);");
    const third = await startStack(options("changed"));
    expect(await third.sql("select count(*)::int as n from public.added")).toEqual([{ n: 0 }]);
    await third.stop();
  });

  test("a migration that fails is named with its line, and nothing of it stays", async () => {
    copy();
    writeFileSync(
      join(migrations, "29990101000000_test_broken.sql"),
      "create table public.half ();\n\nselect no_such_column;",
    );
    await expect(startStack(options("broken")))
      .rejects.toThrow(/29990101000000_test_broken\.sql:3: column "no_such_column" does not exist/);
    writeFileSync(join(migrations, "29990101000000_test_broken.sql"), "select 1;");
    const stack = await startStack(options("broken"));
    expect(await stack.sql("select to_regclass('public.half') as half")).toEqual([{ half: null }]);
    await stack.stop();
  });
});
