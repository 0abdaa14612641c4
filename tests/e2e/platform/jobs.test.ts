// The job runner: calls process-jobs at once when something is enqueued, and never too often at once.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Stack } from "../../../scripts/stack/stack.ts";
import { ownStack } from "../../setup/own-stack.ts";
import { until } from "../../setup/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await ownStack({ functions: "tests/fixtures/functions", workers: 2 });
});
afterAll(async () => await stack?.stop());

interface Report {
  calls: number;
  running: number;
  most: number;
  lastKey: string;
}
const report = async (slow?: number) => {
  const query = slow === undefined ? "" : `?slow=${slow}`;
  return await (await fetch(`${stack.url}/functions/v1/process-jobs${query}`)).json() as Report;
};

describe("the job runner", () => {
  test("calls with the secret key, without waiting for its timer", async () => {
    const before = await until(async () => {
      const now = await report();
      return now.calls > 0 && now;
    }, "the first call");
    expect(before.lastKey).toBe(stack.secretKey);
    const started = Date.now();
    await stack.sql("select pg_notify('ops_jobs', 'default')");
    await until(async () => (await report()).calls > before.calls, "the next call");
    expect(Date.now() - started).toBeLessThan(1500); // the timer takes 2000
  });

  test("has no more calls under way than it has workers, and loses no wake-up", async () => {
    await report(150);
    const before = await report();
    for (let index = 0; index < 10; index++) {
      await stack.sql("select pg_notify('ops_jobs', 'default')");
    }
    await until(async () => (await report()).calls >= before.calls + 3, "a call after the burst");
    expect((await report()).most).toBe(2);
    await report(0);
  });

  test("comes by itself for what becomes due", async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = await report();
    await until(async () => (await report()).calls > before.calls, "the timer", 6000);
  });
});
