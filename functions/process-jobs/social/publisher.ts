// Sends a text while it is written, a few times a second: one piece at a time, in order, each with its index.

/** So that nobody's screen, and no database, gets more than eight events a second of one answer. */
const INTERVAL_MS = 125;
const MAX_PIECE = 4_000;

/** Nobody is to hear any more of it: the question was closed or removed. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

export type Publisher = {
  /** Aborts what is written when nobody may hear it any more, or when it cannot be sent. */
  readonly signal: AbortSignal;
  write(text: string): void;
  /** What was sent does not count: the next piece has the index 0. */
  restart(): void;
  /** Everything is sent, or it throws why not. */
  flush(): Promise<void>;
};

/** `send` answers false when sending should stop. */
export function createPublisher(
  send: (index: number, text: string) => Promise<boolean>,
  intervalMs = INTERVAL_MS,
): Publisher {
  const stop = new AbortController();
  let waiting = "";
  let index = 0;
  let sentAt = -Infinity;
  let running: Promise<void> | null = null;

  const take = (): string => {
    let length = Math.min(waiting.length, MAX_PIECE);
    // Not through the middle of a character.
    if (length < waiting.length && /[\ud800-\udbff]/.test(waiting[length - 1] ?? "")) length -= 1;
    const piece = waiting.slice(0, length);
    waiting = waiting.slice(length);
    return piece;
  };

  const pump = async (): Promise<void> => {
    try {
      while (waiting !== "" && !stop.signal.aborted) {
        const pause = sentAt + intervalMs - performance.now();
        if (pause > 0) {
          await new Promise((resolve) => setTimeout(resolve, pause));
          continue;
        }
        sentAt = performance.now();
        const piece = take();
        if (!await send(index++, piece)) stop.abort(new StoppedError("the question is gone"));
      }
    } catch (error) {
      stop.abort(error);
    } finally {
      running = null;
    }
  };

  return {
    signal: stop.signal,
    write(text) {
      if (text === "") return;
      waiting += text;
      running ??= pump();
    },
    restart() {
      waiting = "";
      index = 0;
    },
    async flush() {
      await running;
      stop.signal.throwIfAborted();
    },
  };
}
