// graphile-worker with its own runner; for batches with the settings that its documentation gives for speed, and as many
// jobs in hand as the workers of the others have together.
import { Logger, makeWorkerUtils, run, WorkerPreset } from "graphile-worker";
import pg from "pg";
import { type JobQueue, maxAttempts, priorityOf, type Work } from "./queue.ts";

const task = "bench";
const logger = new Logger(() => () => {});

export async function openGraphileWorker(url: string, connections: number): Promise<JobQueue> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  pool.on("error", console.error);
  pool.on("connect", (client) => client.on("error", console.error));
  const utils = await makeWorkerUtils({ pgPool: pool, logger });
  await utils.migrate();
  return {
    name: "graphile-worker",
    add: async (numbers) => {
      const [first = 0] = numbers;
      const priority = priorityOf(first);
      if (numbers.length === 1) {
        const spec = { jobKey: `key-${first}`, maxAttempts, priority };
        await utils.addJob(task, { number: first }, spec);
        return;
      }
      await utils.addJobs(
        numbers.map((number) => ({
          identifier: task,
          payload: { number },
          maxAttempts,
          priority,
        })),
      );
    },
    work: (work) => drain(url, connections, work),
    close: async () => {
      await utils.release();
      await pool.end();
    },
  };
}

async function drain(url: string, connections: number, work: Work): Promise<void> {
  const { total, batch, workers, done } = work;
  let left = total;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => finish = resolve);
  const runner = await run({
    logger,
    noHandleSignals: true,
    taskList: {
      [task]: (payload) => {
        done([(payload as { number: number }).number]);
        if (--left === 0) finish();
        return Promise.resolve();
      },
    },
    preset: {
      extends: [WorkerPreset],
      worker: {
        connectionString: url,
        maxPoolSize: Math.max(10, connections),
        concurrentJobs: Math.max(workers, batch),
        ...(batch > 1
          ? {
            localQueue: { size: batch * workers },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          }
          : {}),
      },
    },
  });
  await finished;
  // Stopping waits until what was done is marked as done.
  await runner.stop();
}
