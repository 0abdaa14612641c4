// Databases for one run: made, filled with the project, copied, dropped.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import postgres from "postgres";
import { readConfig } from "../stack/config.ts";
import type { Engine } from "../stack/engine.ts";
import { loadKeys } from "../stack/keys.ts";
import { createLite } from "../stack/lite.ts";
import { openDatabase } from "../stack/open-database.ts";
import { stackFolder } from "../stack/paths.ts";
import { type Migration, readSources } from "../stack/sources.ts";
import { fileStorage } from "../stack/storage-files.ts";
import { withDatabase } from "./given-server.ts";
import { runPrefix } from "./names.ts";

export interface ProjectOptions {
  seed?: boolean;
  /** Which of the project's migrations; all of them without it. */
  only?: (migration: Migration) => boolean;
}

/** Brings a database to the state of the project, as `npm start` does. */
export async function prepareProject(url: string, options: ProjectOptions = {}): Promise<void> {
  const engine = await openProject(url, options);
  await engine.close();
}

/** The same, and the database stays open. */
export async function openProject(url: string, options: ProjectOptions = {}): Promise<Engine> {
  const config = readConfig();
  const sources = readSources(config);
  const { only = () => true } = options;
  const { engine } = await openDatabase({
    folder: undefined,
    databaseUrl: url,
    seed: options.seed ?? false,
    config,
    sources: { ...sources, migrations: sources.migrations.filter(only) },
    createApp: (engine) =>
      createLite({
        engine,
        config,
        keys: loadKeys(undefined),
        url: "http://127.0.0.1",
        storage: fileStorage(join(stackFolder, "no-files")),
        onMail: () => {},
      }),
    progress: () => {},
  });
  return engine;
}

/** Names nobody else uses, also not a run beside this one. */
export const runName = (what: string): string =>
  `${runPrefix}${process.pid}_${randomBytes(3).toString("hex")}_${what}`;

async function asAdmin<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(withDatabase(url, "postgres"), { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

export const createDatabase = (url: string, name: string, template = "template0"): Promise<void> =>
  asAdmin(url, async (sql) => {
    await sql`create database ${sql(name)} template ${sql(template)}`;
    // A copy takes all of a database but its settings. A run's data need not outlive a power cut.
    const database = sql(name);
    await sql`alter database ${database} set search_path = "$user", public, extensions`;
    await sql`alter database ${database} set synchronous_commit = off`;
  });

export const dropDatabase = (url: string, name: string): Promise<void> =>
  asAdmin(url, async (sql) => {
    await sql`drop database if exists ${sql(name)} with (force)`;
  });

/** What runs left behind that were killed: theirs are the databases whose process is gone. */
export const dropAbandoned = (url: string): Promise<void> =>
  asAdmin(url, async (sql) => {
    const found = await sql<{ name: string }[]>`
      select datname as name from pg_database where starts_with(datname, ${runPrefix})`;
    for (const { name } of found) {
      const pid = Number(name.slice(runPrefix.length).split("_")[0]);
      if (pid && !isAlive(pid)) await sql`drop database if exists ${sql(name)} with (force)`;
    }
  });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
