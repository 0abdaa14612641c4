// The database with the data: made once, kept for the next run, made anew when what it is made of has changed.
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import postgres from "postgres";
import { findViolations } from "../demo/invariants.ts";
import { createDatabase, dropDatabase, prepareProject } from "../postgres/databases.ts";
import type { OpenServer } from "../postgres/open-server.ts";
import { readConfig } from "../stack/config.ts";
import { root } from "../stack/paths.ts";
import { readSources } from "../stack/sources.ts";

export const passagesAtFullScale = 100_000;

interface SqlFile {
  name: string;
  text: string;
}

const loaders = (): SqlFile[] =>
  globSync(join(root, "sql", "bench", "*.sql")).sort().map((path) => ({
    name: basename(path),
    text: readFileSync(path, "utf8"),
  }));

function keyOf(scale: number, files: SqlFile[]): string {
  const { platform, migrations } = readSources(readConfig());
  const hash = createHash("sha256").update(String(scale));
  for (const file of [...platform, ...migrations]) hash.update(file.hash);
  for (const { text } of files) hash.update(text);
  return `benchmark data ${hash.digest("hex").slice(0, 16)}`;
}

/** The address of a database with the data at this scale. */
export async function loadedDatabase(
  server: OpenServer,
  name: string,
  scale: number,
  say: (text: string) => void,
): Promise<string> {
  const files = loaders();
  const key = keyOf(scale, files);
  if (await commentOf(server, name) === key) return server.url(name);

  const started = Date.now();
  say(`Loading ${name} at scale ${scale}; it is kept for the next run`);
  await dropDatabase(server.url("postgres"), name);
  await createDatabase(server.url("postgres"), name);
  await prepareProject(server.url(name));
  const sql = postgres(server.url(name), { max: 1, onnotice: () => {} });
  try {
    await fill(sql, scale, files, say);
    // Written last: a load that was stopped half-way is not taken for a whole one.
    await sql.unsafe(`comment on database ${name} is '${key}'`);
  } finally {
    await sql.end({ timeout: 5 });
  }
  say(`Loaded ${name} in ${Math.round((Date.now() - started) / 1000)} s`);
  return server.url(name);
}

async function fill(
  sql: postgres.Sql,
  scale: number,
  files: SqlFile[],
  say: (text: string) => void,
): Promise<void> {
  await sql.unsafe(`
    set session_replication_role = replica;
    set maintenance_work_mem = '256MB';
    set work_mem = '128MB';
    set max_parallel_workers_per_gather = 0;
    set bench.scale = ${scale};
    set bench.passages = ${passagesAtFullScale}`);
  for (const { name, text } of files) {
    const started = Date.now();
    await sql.unsafe(text);
    const seconds = (Date.now() - started) / 1000;
    if (seconds > 1) say(`  ${name}: ${seconds.toFixed(0)} s`);
    // The next file's plans need to know of the rows of this one.
    await sql`analyze`;
  }
  await sql.unsafe("set session_replication_role = origin; reset work_mem");
  await sql`vacuum analyze`;
  say("  checking the invariants");
  const violations = await findViolations(async (text) => [...await sql.unsafe(text)]);
  if (violations.length > 0) {
    const [{ file, row }] = violations as [typeof violations[number]];
    throw new Error(
      `The data breaks ${violations.length} promises; the first of ${file}: ${JSON.stringify(row)}`,
    );
  }
}

async function commentOf(server: OpenServer, name: string): Promise<string | undefined> {
  const sql = postgres(server.url("postgres"), { max: 1, onnotice: () => {} });
  try {
    const [found] = await sql<{ comment: string | null }[]>`
      select shobj_description(oid, 'pg_database') as comment from pg_database where datname = ${name}`;
    return found?.comment ?? undefined;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
