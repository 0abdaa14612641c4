// The queue as its administrator sees it.
import { call, type Person } from "./people.ts";
import { until } from "./steps.ts";

export interface QueueHealth {
  job_type: string;
  due: number;
  retrying: number;
  processing: number;
  dead_open: number;
  completed_last_hour: number;
}

/** Waits until nothing is due, running or dead, and returns how each type of job did. */
export async function untilIdle(admin: Person): Promise<QueueHealth[]> {
  return await until("an empty queue without dead jobs", async () => {
    const rows = await call<QueueHealth[]>(admin, "core", "queue_health");
    const left = rows.reduce((n, q) => n + q.due + q.retrying + q.processing + q.dead_open, 0);
    return left === 0 ? rows : undefined;
  });
}
