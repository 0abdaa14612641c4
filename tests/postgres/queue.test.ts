// Eight worker processes on one queue, one of which is killed in the middle of its work.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyOf, type Database, expectSound, rush, times, warmUp } from "./native.ts";

const jobs = 2000;
const workers = 8;
let database: Database;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await copyOf("EMPTY", "queue");
  await database.sql.unsafe(`
    create schema race;
    create table race.claims (job_id uuid, lease_token bigint primary key, worker text, attempts int);
    create table race.effects (number int, worker text);
    insert into ops.job_types (job_type, max_attempts, lease_seconds, description)
    values ('race.count', 3, 2, 'A job of this test.')`);
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await database?.drop();
});

function startWorker(name: string, diesAfter?: number): ChildProcess {
  const child = fork(join(import.meta.dirname, "queue-worker.ts"), {
    env: {
      PATH: process.env.PATH,
      RACE_URL: database.url,
      RACE_WORKER: name,
      RACE_HANG_AFTER: String(diesAfter ?? ""),
    },
  });
  children.push(child);
  return child;
}

describe("eight workers", () => {
  test("do 2,000 jobs, none twice and none lost, though one of them is killed", async () => {
    const { sql } = database;
    await sql`
      select ops.enqueue_jobs(
        'race.count', array(select jsonb_build_object('number', n) from generate_series(1, ${jobs}::int) n)
      )`;
    const [doomed, ...others] = times(
      workers,
      (i) => startWorker(`worker-${i}`, i === 0 ? 60 : undefined),
    );
    const [{ held }] = await once(doomed as ChildProcess, "message") as [{ held: string[] }];
    expect(held.length).toBeGreaterThan(0);
    const died = once(doomed as ChildProcess, "exit");
    doomed?.kill("SIGKILL");
    expect((await died)[1]).toBe("SIGKILL");
    await Promise.all(others.map((child) => once(child, "exit")));

    const effects = await sql`select number, count(*)::int from race.effects group by number`;
    expect(effects.length, "none lost").toBe(jobs);
    expect(effects.filter(({ count }) => count !== 1), "none twice").toEqual([]);
    expect(await sql`select from ops.queue_items where job_type = 'race.count'`).toHaveLength(0);
    expect(await sql`select from ops.dead_letters where job_type = 'race.count'`).toHaveLength(0);
    const [{ completed }] = await sql`
      select count(*)::int as completed from ops.queue_history
      where job_type = 'race.count' and status = 'completed'` as unknown as [{ completed: number }];
    expect(completed).toBe(jobs);

    const again = await sql<{ job_id: string; workers: string[] }[]>`
      select job_id, array_agg(worker order by lease_token) as workers from race.claims
      group by job_id having count(*) > 1`;
    expect(
      again.map(({ job_id }) => job_id).sort(),
      "only the dead worker's jobs were claimed again",
    )
      .toEqual([...held].sort());
    expect(again.every(({ workers }) => workers[0] === "worker-0" && workers[1] !== "worker-0"))
      .toBe(true);
    const shares = await sql<{ worker: string }[]>`
      select worker from race.effects group by worker having count(*) >= 20`;
    expect(shares.length, "the work was shared").toBeGreaterThanOrEqual(workers - 1);
  }, 60_000);

  test("a dead worker's late call is refused", async () => {
    const [row] = await database.sql<{ job_id: string; lease_token: string }[]>`
      select job_id, lease_token from race.claims where worker = 'worker-0'
      order by lease_token desc limit 1`;
    await expect(
      database.sql`select ops.complete_job(${row?.job_id ?? ""}, ${row?.lease_token ?? 0})`,
    ).rejects.toMatchObject({ code: "PT409", message: "lease_lost" });
  });
});

describe("a dedupe key", () => {
  test("makes one job of forty that are enqueued at once", async () => {
    const { sql } = database;
    await warmUp(sql, 40);
    const { done, refused } = await rush(times(40, () => async () => {
      const [row] = await sql<{ id: string }[]>`
        select ops.enqueue_job('race.count', '{"number": 0}', p_dedupe_key => 'only-one') as id`;
      return row?.id;
    }));
    expect(refused).toEqual({});
    expect(new Set(done).size).toBe(1);
    expect(await sql`select from ops.queue_items where dedupe_key = 'only-one'`).toHaveLength(1);
  });

  test("lets a new one in while workers end the old one", async () => {
    const { sql } = database;
    const work = async () => {
      const claimed = await sql<{ id: string; lease_token: string }[]>`
        select id, lease_token from ops.claim_jobs('racer', 1)`;
      for (const { id, lease_token } of claimed) {
        await sql`select ops.complete_job(${id}, ${lease_token})`;
      }
    };
    const enqueue = () =>
      sql`select ops.enqueue_job('race.count', '{"number": 0}', p_dedupe_key => 'again')`;
    const { refused } = await rush<unknown>(times(60, (i) => i % 2 === 0 ? enqueue : work));
    expect(refused).toEqual({});
    const live = await sql`select from ops.queue_items where dedupe_key = 'again'`;
    expect(live.length).toBeLessThanOrEqual(1);
  });
});

test("every invariant holds afterwards", () => expectSound(database));
