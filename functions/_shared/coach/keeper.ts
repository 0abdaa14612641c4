// Keeps what was shown, about once a second, so that it is there when the connection or the worker is not; and hears that
// way that the answer was stopped from another device.

import { sleep } from "../ai/retry.ts";
import type { CoachStore, Message } from "./types.ts";

const TICK_MS = 1_000;
/** While nothing new is there, it is only said that somebody still writes. */
const IDLE_TICKS = 3;
const MAX_FAILURES = 5;
/** A database that does not answer is not waited for any longer before the end is recorded. */
const LAST_KEEP_MS = 5_000;

/** Somebody else decided that it is over. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

export interface Keeper {
  /** Aborts when nobody may write on. */
  readonly signal: AbortSignal;
  /** Returns once nothing is under way any more, or too long already. */
  stop(): Promise<void>;
}

export function startKeeping(
  store: Pick<CoachStore, "keep">,
  answer: Message,
  textNow: () => string | null,
  tickMs = TICK_MS,
): Keeper {
  const over = new AbortController();
  let kept: string | null = null;
  let idle = 0;
  let failures = 0;
  let underWay: Promise<void> | null = null;

  const keep = async (text: string | null): Promise<void> => {
    try {
      if (!await store.keep(answer, text)) over.abort(new StoppedError("stopped or taken over"));
      if (text !== null) kept = text;
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures >= MAX_FAILURES) over.abort(error);
    } finally {
      underWay = null;
    }
  };

  const timer = setInterval(() => {
    if (underWay || over.signal.aborted) return;
    const text = textNow();
    idle = text === kept ? idle + 1 : 0;
    if (text !== kept) underWay = keep(text);
    else if (idle % IDLE_TICKS === 0) underWay = keep(null);
  }, tickMs);

  return {
    signal: over.signal,
    async stop() {
      clearInterval(timer);
      if (underWay) await Promise.race([underWay, sleep(LAST_KEEP_MS)]);
    },
  };
}
