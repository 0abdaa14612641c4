// pg-boss, through its own fetch and complete: faster than its polling workers.
import { PgBoss } from "pg-boss";
import { type JobQueue, leaseSeconds, maxAttempts, priorityOf, workInLoops } from "./queue.ts";

export async function openPgBoss(
  url: string,
  connections: number,
  batch: number,
): Promise<JobQueue> {
  const boss = new PgBoss({
    connectionString: url,
    max: connections,
    supervise: false,
    schedule: false,
  });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  const queue = `bench-${batch}`;
  // Under the policy `short` a key lets one waiting job in; it is what comes nearest to a dedupe key.
  await boss.createQueue(queue, {
    policy: batch === 1 ? "short" : "standard",
    retryLimit: maxAttempts,
    retryBackoff: true,
    expireInSeconds: leaseSeconds,
  });
  return {
    name: "pg-boss",
    add: async (numbers) => {
      const [first = 0] = numbers;
      if (numbers.length === 1) {
        const options = { singletonKey: `key-${first}`, priority: priorityOf(first) };
        await boss.send(queue, { number: first }, options);
        return;
      }
      const priority = priorityOf(first);
      await boss.insert(queue, numbers.map((number) => ({ data: { number }, priority })));
    },
    work: (work) =>
      workInLoops(work, async () => {
        const jobs = await boss.fetch<{ number: number }>(queue, { batchSize: work.batch });
        if (jobs.length === 0) return [];
        await boss.complete(queue, jobs.map(({ id }) => id));
        return jobs.map(({ data }) => data.number);
      }),
    close: () => boss.stop({ graceful: false }),
  };
}
