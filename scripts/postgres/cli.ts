// npm run postgres: the native PostgreSQL of the project.
//
//   npm run postgres -- start [--port N] | stop | status | psql [arguments…] | reset [--force] | install
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import postgres from "postgres";
import { checkGiven, givenUrl, spokenUrl } from "./given-server.ts";
import { readRecord } from "./home.ts";
import { ensureInstallation } from "./install.ts";
import { findInstallation } from "./installation.ts";
import { removeOwn, startOwn, stopOwn, urlOf } from "./own-server.ts";
import { logOf, runningPid } from "./server.ts";
import { has, PostgresError } from "./system.ts";

const usage =
  "npm run postgres -- start [--port N] | stop | status | psql [arguments…] | reset [--force] | install";
const say = (text: string) => console.error(text);
const [verb = "", ...rest] = process.argv.slice(2);

type Option = { type: "string" | "boolean" };

function options<T extends Record<string, Option>>(known: T) {
  try {
    return parseArgs({ args: rest, options: known }).values;
  } catch (error) {
    throw new PostgresError(`${(error as Error).message}\n${usage}`);
  }
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
    throw new PostgresError(`--port takes a number from 1 to 65535, not "${text}".`);
  }
  return port;
}

function refuseForGiven(): void {
  const url = givenUrl();
  if (url) {
    throw new PostgresError(
      `DATABASE_URL is set (${spokenUrl(url)}): that server is not this project's to ${verb}.`,
    );
  }
}

async function start(): Promise<void> {
  const { port } = options({ port: { type: "string" } });
  const given = givenUrl();
  if (given) {
    console.log(`PostgreSQL ${await checkGiven(given)} of DATABASE_URL is fit for the project.`);
    return;
  }
  const { record, isNew } = await startOwn(say, portOf(port));
  console.log(
    `PostgreSQL ${record.major} ${isNew ? "runs" : "was running already"}: ${urlOf(record)}`,
  );
}

async function stop(): Promise<void> {
  options({});
  refuseForGiven();
  console.log(await stopOwn() ? "Stopped. The data stays." : "It was not running.");
}

async function reset(): Promise<void> {
  const { force } = options({ force: { type: "boolean" } });
  refuseForGiven();
  const record = readRecord();
  const wasRunning = record !== undefined && runningPid(record.folder) !== undefined;
  if (record && wasRunning && !force) {
    const sessions = await sessionsOf(urlOf(record, "postgres"));
    if (sessions > 0) {
      throw new PostgresError(
        `${sessions} sessions use the server. Stop what they belong to, or: npm run postgres -- reset --force`,
      );
    }
  }
  if (!await removeOwn()) return console.log("Nothing to empty.");
  if (wasRunning) await startOwn(say, record.port);
  console.log(
    `Emptied${wasRunning ? "; it runs again, with other data and another password" : ""}.`,
  );
}

async function sessionsOf(url: string): Promise<number> {
  const sql = postgres(url, { max: 1 });
  try {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    return row?.count ?? 0;
  } finally {
    await sql.end();
  }
}

/** For root, on a machine where the one who starts the server may not install anything. */
async function install(): Promise<void> {
  options({});
  const { major, bin } = await ensureInstallation(say);
  console.log(`PostgreSQL ${major} in ${bin} has all that the project asks for.`);
}

async function status(): Promise<void> {
  options({});
  const given = givenUrl();
  if (given) return console.log(`DATABASE_URL: PostgreSQL ${await checkGiven(given)}`);
  const record = readRecord();
  const pid = record && runningPid(record.folder);
  if (!record) return console.log("There is no server yet: npm run postgres -- start");
  if (pid === undefined) console.log("It does not run: npm run postgres -- start");
  else console.log(`PostgreSQL ${record.major} runs as process ${pid}: ${urlOf(record)}`);
  console.log(`Its files: ${record.folder}; its log: ${logOf(record)}`);
}

async function psql(): Promise<void> {
  const given = givenUrl();
  const record = readRecord();
  if (!given && (!record || runningPid(record.folder) === undefined)) {
    throw new PostgresError("The server does not run: npm run postgres -- start");
  }
  const near = join(findInstallation()?.bin ?? "", "psql");
  const program = existsSync(near) ? near : "psql";
  if (program === "psql" && !has("psql")) {
    throw new PostgresError("There is no psql on this machine: install postgresql-client.");
  }
  const url = new URL(given ?? urlOf(record as NonNullable<typeof record>));
  // Not on the command line, where everybody on this machine could read it.
  const env = { ...process.env, PGPASSWORD: decodeURIComponent(url.password) };
  url.password = "";
  // Ctrl-C is for psql, which cancels its statement.
  process.on("SIGINT", () => {});
  const child = spawn(program, [`--dbname=${url.href}`, ...rest], { stdio: "inherit", env });
  process.exitCode = await new Promise<number>((resolve) =>
    child.once("exit", (code) => resolve(code ?? 1))
  );
}

const verbs: Record<string, () => Promise<void>> = { start, stop, status, psql, reset, install };

try {
  const act = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (!act) throw new PostgresError(usage);
  await act();
} catch (error) {
  console.error(error instanceof PostgresError ? error.message : error);
  process.exitCode = 1;
}
// The channel to scripts/run.mjs would keep this process alive.
if (process.connected) process.disconnect();
