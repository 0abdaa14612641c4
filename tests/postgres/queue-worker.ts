// One worker process of queue.test.ts: claims, works, completes, until the queue is empty. The doomed
// one takes jobs up, says so, and never goes on.
import postgres from "postgres";

const { RACE_URL = "", RACE_WORKER = "", RACE_HANG_AFTER = "" } = process.env;
const sql = postgres(RACE_URL, { max: 1, onnotice: () => {} });
const hangAfter = RACE_HANG_AFTER === "" ? Infinity : Number(RACE_HANG_AFTER);

interface Job {
  id: string;
  lease_token: string;
  attempts: number;
  payload: { number: number };
}

async function claim(): Promise<Job[]> {
  return [
    ...await sql<Job[]>`
    with claimed as (select * from ops.claim_jobs(${RACE_WORKER}, 5)),
    noted as (
      insert into race.claims select id, lease_token, ${RACE_WORKER}, attempts from claimed
    )
    select id, lease_token, attempts, payload from claimed`,
  ];
}

const isEmpty = async () =>
  (await sql`select from ops.queue_items where job_type = 'race.count' limit 1`).length === 0;

let done = 0;
process.on("disconnect", () => process.exit(1));
for (;;) {
  const jobs = await claim();
  if (jobs.length === 0) {
    if (await isEmpty()) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
    continue;
  }
  if (done >= hangAfter) {
    process.send?.({ held: jobs.map(({ id }) => id) });
    await new Promise(() => {});
  }
  for (const { id, lease_token, payload } of jobs) {
    // What a job does and that it is done are one transaction.
    await sql.begin(async (tx) => {
      await tx`insert into race.effects values (${payload.number}, ${RACE_WORKER})`;
      await tx`select ops.complete_job(${id}, ${lease_token})`;
    });
    done++;
  }
}
await sql.end();
process.disconnect?.();
