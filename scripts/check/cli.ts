// npm run check: everything that CI checks besides tests and demo. `npm run check -- lint sql` runs
// only those. Findings go to standard output; the exit code is 1 when there is one.
import { type Step, steps } from "./steps.ts";
import type { Outcome } from "./tools.ts";

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`There is no check named ${unknown.join(", ")}. These are there:`);
  for (const { name, about } of steps) console.error(`  ${name.padEnd(12)} ${about}`);
  process.exit(2);
}

async function outcomeOf(run: Step["run"]): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    return { ok: false, output: (error as Error).message };
  }
}

const failed: string[] = [];
for (const { name, about, run } of steps) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const started = Date.now();
  const { ok, output } = await outcomeOf(run);
  if (!ok) failed.push(name);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? "ok    " : "FAILED"} ${name.padEnd(12)} ${seconds.padStart(5)} s  ${about}`);
  const shown = ok && name !== "lengths" ? "" : output;
  if (shown) console.log(shown.replace(/^/gm, "         "));
}
console.log(failed.length === 0 ? "\nAll checks passed." : `\nFailed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
