// Jobs enqueued and completed from Node, in turns on one server: what a job costs from end to end.
import { withClients } from "../connect.ts";
import { median, ratiosOf, timed } from "../measure.ts";
import { openBare } from "../queues/bare.ts";
import { openGraphileWorker } from "../queues/graphile-worker.ts";
import { openOurs } from "../queues/ours.ts";
import { openPgBoss } from "../queues/pg-boss.ts";
import type { JobQueue } from "../queues/queue.ts";
import type { Bench, BenchCase, Comparison, Target } from "../types.ts";

const workers = 4;

const against = (batch: number): BenchCase => ({
  name: `queue-${batch}`,
  about: `20,000 jobs, ${batch} at a time, against pg-boss and graphile-worker`,
  run: async (bench) => {
    const url = await bench.scratch();
    const queues = [
      await openOurs(url, workers),
      await openPgBoss(url, workers, batch),
      await openGraphileWorker(url, workers),
    ];
    const other: Target = { atLeast: 2.5, everyRoundAtLeast: 2 };
    const targets: Record<string, Target> = {
      "pg-boss": other,
      "graphile-worker": batch === 1 ? { atLeast: 1 } : other,
    };
    return await compare(bench, url, queues, batch, targets);
  },
});

const bare: BenchCase = {
  name: "queue-bare",
  about: "20,000 jobs, 100 at a time, against rows that are only deleted",
  run: async (bench) => {
    const url = await bench.scratch();
    const queues = [await openOurs(url, workers), await openBare(url, workers)];
    return await compare(bench, url, queues, 100, { "bare delete": { atLeast: 0.65 } });
  },
};

export const queueCases = [against(1), against(10), against(100), bare];

async function compare(
  bench: Bench,
  url: string,
  queues: JobQueue[],
  batch: number,
  targets: Record<string, Target>,
): Promise<Comparison[]> {
  const jobs = Math.max(400, Math.round(20_000 * bench.scale / batch) * batch);
  const rates = queues.map((): number[] => []);
  const adding = queues.map((): number[] => []);
  try {
    // A first look at each, so that no connection is made and no plan is built on the clock.
    for (const queue of queues) await once(queue, Math.max(400, 8 * batch), batch, 0);
    for (let round = 0; round < bench.rounds; round++) {
      const order = queues.map((_, index) => (index + round) % queues.length);
      for (const index of order) {
        const from = 1_000_000 * (round + 1);
        // Whoever was just running must not leave its dead rows, or the planner's ignorance, to the next.
        await vacuum(url);
        const times = await once(queues[index] as JobQueue, jobs, batch, from);
        rates[index]?.push(jobs / (times.add + times.work) * 1000);
        adding[index]?.push(times.add / (times.add + times.work));
      }
    }
  } finally {
    for (const queue of queues) await queue.close();
  }
  const [ours = []] = rates;
  const share = (index: number) => `${Math.round(100 * median(adding[index] ?? []))}%`;
  return queues.slice(1).map(({ name }, index) => ({
    case: batch === 100 && name === "bare delete" ? "queue-bare" : `queue-${batch}`,
    what: `${jobs} jobs, none lost, none twice`,
    ours: "lyceum",
    against: name,
    of: "rate",
    ratios: ratiosOf(ours, rates[index + 1] ?? []),
    measured: { ours, against: rates[index + 1] ?? [] },
    target: targets[name],
    note: `enqueueing takes ${share(0)} of the time of lyceum, ${share(index + 1)} of ${name}'s`,
  }));
}

const vacuum = (url: string) =>
  withClients(url, 1, async ([client]) => void await client?.query("vacuum analyze"));

/** Enqueues all, then does all; throws when a job was lost or done twice. */
async function once(queue: JobQueue, jobs: number, batch: number, from: number) {
  const batches: number[][] = [];
  for (let first = from; first < from + jobs; first += batch) {
    batches.push(Array.from({ length: Math.min(batch, from + jobs - first) }, (_, i) => first + i));
  }
  const add = await timed(() =>
    Promise.all(Array.from({ length: workers }, async () => {
      for (let next = batches.pop(); next; next = batches.pop()) await queue.add(next);
    }))
  );
  const seen: number[] = [];
  const done = (numbers: number[]) => void seen.push(...numbers);
  const work = await timed(() => queue.work({ total: jobs, batch, workers, done }));
  if (seen.length !== jobs || new Set(seen).size !== jobs) {
    throw new Error(
      `${queue.name} did ${seen.length} jobs, ${new Set(seen).size} different, of ${jobs}`,
    );
  }
  return { add, work };
}
