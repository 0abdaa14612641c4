// One OCR engine for all jobs of a worker: made when the first picture comes, given back when nothing has come for a
// while, and replaced now and then, so that what it hoards does not grow for ever.
import type { OcrEngine } from "./engine/types.ts";

export interface EngineHolder {
  /** The engine stays for as long as the work goes on. */
  during<T>(work: (engine: () => Promise<OcrEngine>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function holdEngine(
  create: () => Promise<OcrEngine>,
  { idleMs = 60_000, mostJobs = 100 } = {},
): EngineHolder {
  let engine: Promise<OcrEngine> | undefined;
  let users = 0;
  let jobs = 0;
  let timer: NodeJS.Timeout | undefined;

  const close = async () => {
    clearTimeout(timer);
    const old = engine;
    engine = undefined;
    jobs = 0;
    // One that never came up has nothing to close.
    await (await old?.catch(() => undefined))?.close();
  };

  const take = () => {
    engine ??= create().catch((error: unknown) => {
      engine = undefined;
      throw error;
    });
    return engine;
  };

  return {
    async during(work) {
      clearTimeout(timer);
      users += 1;
      jobs += 1;
      try {
        return await work(take);
      } finally {
        users -= 1;
        if (users === 0) {
          if (jobs >= mostJobs) await close();
          else timer = setTimeout(() => users === 0 && void close(), idleMs).unref();
        }
      }
    },
    close,
  };
}
