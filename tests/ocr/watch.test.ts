// A worker that is stuck in a file, or grows beyond all measure, ends; one that works does not.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const watch = join(import.meta.dirname, "../../scripts/ocr/worker-watch.ts");

function run(settings: { stuckMs: number; mostBytes: number }, work: string) {
  const child = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    `import { watchWorker } from ${JSON.stringify(watch)};
     const end = watchWorker(${JSON.stringify(settings)});
     ${work}
     await end();`,
  ]);
  let said = "";
  child.stderr.on("data", (text: Buffer) => said += text.toString());
  return new Promise<{ code: number | null; signal: string | null; said: string }>((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal, said }))
  );
}

const plenty = 8 * 1024 ** 3;
const asleep = "await new Promise((r) => setTimeout(r, 3_000));";

test("stuck", async () => {
  const ended = await run({ stuckMs: 1_000, mostBytes: plenty }, `${asleep} for (;;);`);
  expect(ended).toMatchObject({ signal: "SIGKILL", said: expect.stringContaining("worker_stuck") });
}, 30_000);

test("too large", async () => {
  const ended = await run({ stuckMs: 20_000, mostBytes: 1024 }, asleep);
  expect(ended).toMatchObject({
    signal: "SIGKILL",
    said: expect.stringContaining("worker_too_large"),
  });
}, 30_000);

test("at work, and waiting", async () => {
  const ended = await run({ stuckMs: 1_000, mostBytes: plenty }, asleep);
  expect(ended).toMatchObject({ code: 0, signal: null });
}, 30_000);
