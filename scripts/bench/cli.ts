// npm run bench: measures the project's designs against others, side by side.
//
//   npm run bench -- [case …] [--scale 1] [--rounds 5] [--json FILE]
//
// A case is named in full, or by its beginning: `queue` is all of queue-1, queue-10 … See docs/benchmarks.md.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import postgres from "postgres";
import {
  createDatabase,
  dropAbandoned,
  dropDatabase,
  prepareProject,
  runName,
} from "../postgres/databases.ts";
import { type OpenServer, openServer } from "../postgres/open-server.ts";
import { PostgresError } from "../postgres/system.ts";
import { cases } from "./cases.ts";
import { loadedDatabase, passagesAtFullScale } from "./load.ts";
import { isReached, table } from "./report.ts";
import type { Bench, BenchCase, Comparison } from "./types.ts";

const started = Date.now();
const say = (text: string) =>
  console.error(`${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s  ${text}`);

function options() {
  const known = {
    scale: { type: "string", default: "1" },
    rounds: { type: "string", default: "5" },
    json: { type: "string" },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ options: known, allowPositionals: true });
  } catch (error) {
    throw new PostgresError((error as Error).message);
  }
  const { values, positionals } = parsed;
  const scale = Number(values.scale);
  const rounds = Number(values.rounds);
  if (!(scale >= 0.001 && scale <= 20)) throw new PostgresError("--scale is from 0.001 to 20.");
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 100)) {
    throw new PostgresError("--rounds is a whole number from 1 to 100.");
  }
  return { scale, rounds, json: values.json, wanted: chosen(positionals) };
}

function chosen(names: string[]): BenchCase[] {
  const fits = (name: string, wanted: string) => name === wanted || name.startsWith(`${wanted}-`);
  const unknown = names.filter((wanted) => !cases.some(({ name }) => fits(name, wanted)));
  if (unknown.length > 0) {
    const list = cases.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join("\n");
    throw new PostgresError(`There is no case ${unknown.join(", ")}. These are there:\n${list}`);
  }
  return cases.filter(({ name }) =>
    names.length === 0 || names.some((wanted) => fits(name, wanted))
  );
}

/** Two runs at once would measure each other. */
async function whileAlone<T>(server: OpenServer, work: () => Promise<T>): Promise<T> {
  const sql = postgres(server.url("postgres"), { max: 1, onnotice: () => {} });
  try {
    const [lock] = await sql<{ got: boolean }[]>`
      select pg_try_advisory_lock(hashtext('lyceum.bench')) as got`;
    if (!lock?.got) throw new PostgresError("Another benchmark runs on this server: wait for it.");
    return await work();
  } finally {
    await sql.end({ timeout: 2 });
  }
}

async function run(server: OpenServer): Promise<Comparison[]> {
  const { scale, rounds, json, wanted } = options();
  const name = "lyceum_bench";
  const scratchName = runName("bench");
  const data = once(() => loadedDatabase(server, name, scale, say));
  const bench: Bench = {
    scale,
    rounds,
    say,
    data,
    corpora: once(async () => [
      ...await inOrder([100, 10], async (part) => ({
        passages: Math.max(20, Math.round(passagesAtFullScale * scale / part)),
        url: await loadedDatabase(server, `${name}_${part}th`, scale / part, say),
      })),
      { passages: Math.round(passagesAtFullScale * scale), url: await data() },
    ]),
    scratch: once(async () => {
      await createDatabase(server.url("postgres"), scratchName);
      await prepareProject(server.url(scratchName));
      return server.url(scratchName);
    }),
  };
  const all: Comparison[] = [];
  try {
    for (const { name, about, run } of wanted) {
      say(`${name}: ${about}`);
      const found = await run(bench);
      all.push(...found);
      console.log(`${all.length > found.length ? "\n" : ""}${table(found)}`);
      if (json) writeJson(json, server.version, scale, rounds, all);
    }
  } finally {
    await dropDatabase(server.url("postgres"), scratchName);
  }
  return all;
}

/** After each case: what was measured is not lost when a later one fails. */
function writeJson(
  file: string,
  version: string,
  scale: number,
  rounds: number,
  all: Comparison[],
) {
  const report = {
    at: new Date().toISOString(),
    postgres: version,
    node: process.version,
    scale,
    rounds,
    comparisons: all.map((comparison) => ({ ...comparison, isReached: isReached(comparison) })),
  };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => result ??= work();
}

async function inOrder<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

try {
  options();
  const server = await openServer(say);
  try {
    await dropAbandoned(server.url("postgres"));
    const all = await whileAlone(server, () => run(server));
    const missed = all.filter((comparison) => isReached(comparison) === false);
    console.log(`\n${all.length} comparisons, ${missed.length} targets missed.`);
  } finally {
    await server.close();
  }
} catch (error) {
  console.error(error instanceof PostgresError ? error.message : error);
  process.exitCode = 1;
}
// The channel to scripts/run.mjs would keep this process alive.
if (process.connected) process.disconnect();
