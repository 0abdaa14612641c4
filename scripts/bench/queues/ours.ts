// The project's queue, called as a worker calls it.
import pg from "pg";
import { type JobQueue, leaseSeconds, maxAttempts, priorityOf, workInLoops } from "./queue.ts";

interface Claimed {
  id: string;
  lease_token: string;
  payload: { number: number };
}

const enqueueOne = {
  name: "enqueue-one",
  text: "select ops.enqueue_job('bench.job', $1, p_dedupe_key => $2, p_priority => $3)",
};
const enqueueMany = {
  name: "enqueue-many",
  text: "select ops.enqueue_jobs('bench.job', $1::jsonb[], p_priority => $2)",
};
const claim = {
  name: "claim",
  text: "select id, lease_token, payload from ops.claim_jobs($1, $2, 'bench')",
};
const completeOne = { name: "complete-one", text: "select ops.complete_job($1, $2)" };
const completeMany = { name: "complete-many", text: "select ops.complete_jobs($1, $2)" };

export async function openOurs(url: string, connections: number): Promise<JobQueue> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  await pool.query(`
    insert into ops.job_types (job_type, queue, max_attempts, lease_seconds, description)
    values ('bench.job', 'bench', ${maxAttempts}, ${leaseSeconds}, 'A job of the benchmark')
    on conflict (job_type) do nothing`);
  return {
    name: "lyceum",
    add: async (numbers) => {
      const [first = 0] = numbers;
      if (numbers.length === 1) {
        const values = [{ number: first }, `key-${first}`, priorityOf(first)];
        await pool.query({ ...enqueueOne, values });
        return;
      }
      const payloads = numbers.map((number) => JSON.stringify({ number }));
      await pool.query({ ...enqueueMany, values: [payloads, priorityOf(first)] });
    },
    work: (work) =>
      workInLoops(work, async (worker) => {
        const { rows } = await pool.query<Claimed>({
          ...claim,
          values: [`worker-${worker}`, work.batch],
        });
        const [only] = rows;
        if (!only) return [];
        if (rows.length === 1) {
          await pool.query({ ...completeOne, values: [only.id, only.lease_token] });
        } else {
          const values = [rows.map(({ id }) => id), rows.map((row) => row.lease_token)];
          await pool.query({ ...completeMany, values });
        }
        return rows.map(({ payload }) => payload.number);
      }),
    close: () => pool.end(),
  };
}
