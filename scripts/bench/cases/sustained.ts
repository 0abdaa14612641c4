// A queue that runs for a while: dead rows must not slow it down. The last sixth of the time against the first.
import { openOurs } from "../queues/ours.ts";
import type { BenchCase, Comparison } from "../types.ts";

const workers = 4;
const batch = 100;

export const sustainedCase: BenchCase = {
  name: "queue-sustained",
  about: "30 seconds without a pause, with a backlog",
  run: async (bench) => {
    const queue = await openOurs(await bench.scratch(), workers);
    const seconds = Math.max(6, Math.min(30, 30 * bench.scale));
    const rounds = Math.min(bench.rounds, 2);
    const first: number[] = [];
    const last: number[] = [];
    let number = 0;
    const next = () => Array.from({ length: batch }, () => number++);
    try {
      // Jobs that wait: each claim has to find its way past the dead rows of those before.
      for (let filled = 0; filled < 50; filled++) await queue.add(next());
      for (let round = 0; round < rounds; round++) {
        const ends: number[] = [];
        const start = performance.now();
        const isOver = () => performance.now() - start > seconds * 1000;
        await Promise.all(Array.from({ length: workers }, async () => {
          while (!isOver()) {
            await queue.add(next());
            await queue.work({
              total: 1,
              batch,
              workers: 1,
              done: (numbers) => numbers.forEach(() => ends.push(performance.now() - start)),
            });
          }
        }));
        const window = seconds * 1000 / 6;
        first.push(ends.filter((end) => end < window).length);
        last.push(ends.filter((end) => end >= 5 * window && end < 6 * window).length);
      }
    } finally {
      await queue.close();
    }
    const perSecond = (counts: number[]) => counts.map((count) => count / (seconds / 6));
    const comparison: Comparison = {
      case: "queue-sustained",
      what: `${seconds} s at full speed`,
      ours: "last sixth",
      against: "first sixth",
      of: "rate",
      ratios: last.map((count, round) => count / (first[round] ?? NaN)),
      measured: { ours: perSecond(last), against: perSecond(first) },
      target: { atLeast: 0.7 },
    };
    return [comparison];
  },
};
