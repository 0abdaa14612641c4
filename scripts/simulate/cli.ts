// npm run simulate: a year of learners, seeded. See docs/memory-simulation.md, which it writes.
import { writeFileSync } from "node:fs";
import {
  createDatabase,
  dropAbandoned,
  dropDatabase,
  prepareProject,
  runName,
} from "../postgres/databases.ts";
import { openServer } from "../postgres/open-server.ts";
import { PostgresError } from "../postgres/system.ts";
import { simulateLives } from "./lives/index.ts";
import { simulateMemory } from "./memory.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { report, summary } from "./report.ts";
import { readResults, type Results, writeResults } from "./results.ts";

const started = Date.now();
const say = (text: string) =>
  console.error(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}`);

async function run(options: Options): Promise<Results> {
  const results = readResults(options.json);
  const server = await openServer(say);
  const name = runName("simulate");
  try {
    await dropAbandoned(server.url("postgres"));
    say("A database of the project is made.");
    await createDatabase(server.url("postgres"), name);
    // The lives are lived with the questions of the seed.
    await prepareProject(server.url(name), { seed: true });
    for (const part of options.parts) {
      say(`${part} begins.`);
      if (part === "memory") {
        results.memory = await simulateMemory(server.url(name), options, server.version, say);
      } else results.lives = await simulateLives(server.url(name), options, server.version, say);
      // After each part: what was found is not lost when a later one fails.
      if (options.json) writeResults(options.json, results);
      if (options.markdown) writeFileSync(options.markdown, report(results));
    }
  } finally {
    await dropDatabase(server.url("postgres"), name);
    await server.close();
  }
  return results;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (!options) console.log(usage);
  else {
    const results = await run(options);
    console.log(summary(results, options.parts));
    if (results.lives?.checks.some(({ wrong }) => wrong > 0)) process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof PostgresError ? error.message : error);
  process.exitCode = 1;
}
// The channel to scripts/run.mjs would keep this process alive.
if (process.connected) process.disconnect();
