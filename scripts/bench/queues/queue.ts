// What every queue under test can do. All of them keep retries, leases, priorities and, for single jobs, a key that lets
// no second live job in.

export interface Work {
  /** How many jobs there are to do. */
  total: number;
  /** How many of them a worker takes at once. */
  batch: number;
  workers: number;
  done(numbers: number[]): void;
}

export interface JobQueue {
  name: string;
  /** One call that stores these jobs. */
  add(numbers: number[]): Promise<void>;
  /** Does all jobs that there are and returns when they are marked as done. */
  work(work: Work): Promise<void>;
  close(): Promise<void>;
}

/** As many loops as there are workers, each of which takes jobs until all are done. */
export async function workInLoops(
  { total, workers, done }: Work,
  takeSome: (worker: number) => Promise<number[]>,
): Promise<void> {
  let left = total;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (left > 0) {
        const numbers = await takeSome(worker);
        if (numbers.length === 0) {
          // Another worker has the last ones.
          await new Promise((resolve) => setTimeout(resolve, 1));
          continue;
        }
        left -= numbers.length;
        done(numbers);
      }
    }),
  );
}

export const priorityOf = (number: number): number => 1 + number % 9;
export const maxAttempts = 5;
export const leaseSeconds = 120;
