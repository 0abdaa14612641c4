// pg_cron works in one database of a server, named when the server starts. So this is a server of its
// own, whose migrations find the extension; elsewhere they say that they did without.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, prepareProject } from "../../scripts/postgres/databases.ts";
import {
  openThrowaway,
  type Throwaway,
  wholeInstallation,
} from "../../scripts/postgres/throwaway.ts";
import { root } from "../../scripts/stack/paths.ts";
import { until } from "../setup/stack.ts";
import { copyOf, expectSound, type Sql } from "./native.ts";

// With DATABASE_URL the tests run on machines without server programs, too.
const isHere = wholeInstallation() !== undefined || !process.env.DATABASE_URL;

describe.skipIf(!isHere)("in the database of pg_cron", () => {
  const name = "with_cron";
  let server: Throwaway;
  let sql: Sql;

  beforeAll(async () => {
    server = await openThrowaway({ cronDatabase: name });
    await createDatabase(server.url("postgres"), name);
    await prepareProject(server.url(name));
    sql = postgres(server.url(name), { max: 3, onnotice: () => {} });
  });
  afterAll(async () => {
    await sql?.end({ timeout: 2 });
    await server?.close();
  });

  test("the migrations leave their schedules", async () => {
    expect([...await sql`select jobname, schedule, database, active from cron.job order by 1`])
      .toEqual([
        {
          jobname: "lyceum-clean-cron-log",
          schedule: "17 3 * * *",
          database: name,
          active: true,
        },
        { jobname: "lyceum-run-due-tasks", schedule: "* * * * *", database: name, active: true },
      ]);
  });

  test("a task that is due runs within the minute, by nobody's doing but the clock's", async () => {
    await sql.unsafe(`
      create schema race;
      create table race.ticks (at timestamptz not null default clock_timestamp(), by text);
      create function race.tick() returns text language sql set search_path = '' as $$
        insert into race.ticks (by)
        select backend_type from pg_catalog.pg_stat_activity where pid = pg_backend_pid()
        returning by
      $$;
      insert into ops.scheduled_tasks (name, command, every) values ('race_tick', 'race.tick', '1 day')`);
    const [tick] = await until(
      async () => {
        const ticks = await sql<{ by: string }[]>`select by from race.ticks`;
        return ticks.length > 0 && ticks;
      },
      "pg_cron to run the task",
      75_000,
    );
    expect(tick?.by).toMatch(/pg_cron/);
    const [task] = await sql`
      select last_error, last_run_at is not null as ran, next_run_at > now() as waits
      from ops.scheduled_tasks where name = 'race_tick'`;
    expect(task).toEqual({ last_error: null, ran: true, waits: true });
    const [run] = await until(
      async () => {
        const runs = await sql`
          select status from cron.job_run_details d join cron.job j using (jobid)
          where j.jobname = 'lyceum-run-due-tasks' and d.status not in ('starting', 'running')`;
        return runs.length > 0 && runs;
      },
      "the log of pg_cron",
    );
    expect(run).toEqual({ status: "succeeded" });
    await expectSound({ sql });
  }, 90_000);
});

test("in any other database the migration says that it does without", async () => {
  const database = await copyOf("EMPTY", "no_cron");
  const notices: string[] = [];
  const sql = postgres(database.url, {
    max: 1,
    onnotice: ({ message }) => notices.push(String(message)),
  });
  try {
    const file = join(root, "supabase", "migrations", "20260101000295_ops_schedules.sql");
    await sql.unsafe(readFileSync(file, "utf8"));
    expect(notices.join("\n")).toMatch(/pg_cron (is not available|was not created).*job runner/);
    expect(await sql`select from pg_extension where extname = 'pg_cron'`).toHaveLength(0);
  } finally {
    await sql.end();
    await database.drop();
  }
});
