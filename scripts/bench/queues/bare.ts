// The least that a queue can be: rows that are deleted as they are taken. A worker that dies loses its jobs.
import pg from "pg";
import { type JobQueue, workInLoops } from "./queue.ts";

const add = {
  name: "bare-add",
  text: "insert into bare_jobs (payload) select * from unnest($1::jsonb[])",
};
const take = {
  name: "bare-take",
  text: `delete from bare_jobs where id = any (array(
    select id from bare_jobs order by id limit $1 for update skip locked
  )) returning payload`,
};

export async function openBare(url: string, connections: number): Promise<JobQueue> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  await pool.query(`create table if not exists public.bare_jobs (
    id bigint generated always as identity primary key, payload jsonb not null
  ) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0)`);
  return {
    name: "bare delete",
    add: async (numbers) => {
      const values = [numbers.map((number) => JSON.stringify({ number }))];
      await pool.query({ ...add, values });
    },
    work: (work) =>
      workInLoops(work, async () => {
        const { rows } = await pool.query<{ payload: { number: number } }>({
          ...take,
          values: [work.batch],
        });
        return rows.map(({ payload }) => payload.number);
      }),
    close: () => pool.end(),
  };
}
