// A step is a promise of the platform put to the proof: it holds, or the demo says what it expected and what came.
import { inspect, isDeepStrictEqual } from "node:util";
import { failLine, heading, okLine, say } from "./print.ts";

const stepTimeoutMs = 20_000;

/** What a step expected did not come. */
export class Unmet extends Error {
  readonly expected: string;
  readonly got: string;
  constructor(expected: string, got: string) {
    super(`expected ${expected}, but ${got} came`);
    this.name = "Unmet";
    this.expected = expected;
    this.got = got;
  }
}

/** Told already, step by step: nothing more is to be said of it. */
export class StoryBroken extends Error {}

export const tally = { chapters: 0, held: 0, broken: 0 };

export function chapter(title: string): void {
  tally.chapters += 1;
  heading(tally.chapters, title);
}

/** `say` may turn the result into what the line says; a step that outlasts its time has not held. */
export async function step<T>(
  what: string,
  work: () => Promise<T>,
  tell: (result: T) => string = () => what,
  timeoutMs = stepTimeoutMs,
): Promise<T> {
  const started = performance.now();
  try {
    const result = await withTimeout(work(), timeoutMs, what);
    okLine(tell(result), performance.now() - started);
    tally.held += 1;
    return result;
  } catch (error) {
    tally.broken += 1;
    const [expected, got] = error instanceof Unmet
      ? [error.expected, error.got]
      : ["no error", error instanceof Error ? error.stack ?? error.message : inspect(error)];
    failLine(what, performance.now() - started, expected, got);
    throw new StoryBroken(what);
  }
}

/** A chapter that breaks off says so; the ones after it are still told. */
export async function told(title: string, story: () => Promise<void>): Promise<boolean> {
  chapter(title);
  try {
    await story();
    return true;
  } catch (error) {
    if (!(error instanceof StoryBroken)) {
      tally.broken += 1;
      failLine(title, 0, "no error", error instanceof Error ? error.stack ?? "" : inspect(error));
    }
    say(`       This chapter ends here.`);
    return false;
  }
}

export async function withTimeout<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Unmet(`${what} within ${ms / 1000} s`, "nothing in time")),
      ms,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const shown = (value: unknown): string =>
  inspect(value, { depth: 4, breakLength: 100, maxStringLength: 300 });

export function expectEqual<T>(what: string, got: T, wanted: T): void {
  if (!isDeepStrictEqual(got, wanted)) {
    throw new Unmet(`${what}: ${shown(wanted)}`, shown(got));
  }
}

export function expectThat(what: string, holds: boolean, got: unknown): asserts holds {
  if (!holds) throw new Unmet(what, shown(got));
}

/** Asks again until the check gives something; what it gave last is what came. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined>,
  timeoutMs = 15_000,
  everyMs = 100,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Unmet(what, `nothing in ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
