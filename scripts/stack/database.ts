// Brings a database to the state of the project: platform, migrations, buckets, seeds.
//
// Migrations are recorded where the official CLI records them. Until 1.0 they are edited in place,
// so the hash of each is kept as well: data made by other SQL than today's is told, never touched.
import type { App } from "@supabase/lite";
import type { StackConfig } from "./config.ts";
import type { Engine } from "./engine.ts";
import type { Migration, SqlFile } from "./sources.ts";

export type Progress = (message: string) => void;

/** Something the reader can put right; shown without a stack trace. */
export class StackError extends Error {}

export async function preparePlatform(
  engine: Engine,
  app: App,
  platform: SqlFile[],
): Promise<void> {
  const rolesFirst = platform.filter((file) => file.path.includes("/10_"));
  for (const file of rolesFirst) await runFile(engine, file);
  await app.ensureSystemSchema();
  for (const file of platform) if (!rolesFirst.includes(file)) await runFile(engine, file);
  await engine.exec(`
    create table if not exists supabase_migrations.stack_files (
      path text primary key, hash text not null, applied_at timestamptz not null default now()
    )`);
}

export async function migrate(engine: Engine, migrations: Migration[], progress: Progress) {
  const applied = new Map(
    (await engine.query<{ version: string; hash: string | null }>(`
      select m.version, f.hash
      from supabase_migrations.schema_migrations m
      left join supabase_migrations.stack_files f
        on f.path ~ ('(^|/)' || m.version || '_[^/]*$')`))
      .map(({ version, hash }) => [version, hash]),
  );
  refuseOtherHistory(applied, migrations);
  const missing = migrations.filter(({ version }) => !applied.has(version));
  for (const migration of missing) {
    progress(`Migration ${migration.path.split("/").at(-1)}`);
    await runFile(engine, migration, [
      [
        `insert into supabase_migrations.schema_migrations (version, name, statements)
         values ($1, $2, array[$3])`,
        [migration.version, migration.name, migration.text],
      ],
      recordFile(migration),
    ]);
  }
  return missing.length;
}

function refuseOtherHistory(applied: Map<string, string | null>, migrations: Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  const newest = [...applied.keys()].sort().at(-1) ?? "";
  const changed = [
    ...[...applied].filter(([version, hash]) => hash && known.get(version)?.hash !== hash)
      .map(([version]) => known.get(version)?.path ?? `${version} (no longer there)`),
    ...migrations.filter(({ version }) => !applied.has(version) && version < newest)
      .map(({ path }) => `${path} (comes before others that are applied)`),
  ];
  if (changed.length === 0) return;
  throw new StackError(
    "The migrations have changed since this data was made:\n" +
      changed.map((path) => `  ${path}\n`).join("") +
      "The data was left as it is. Empty it with `npm run reset` (with --native: " +
      "`npm run postgres -- reset`), or start with `--data memory`.",
  );
}

export async function seed(engine: Engine, seeds: SqlFile[], progress: Progress): Promise<void> {
  const applied = new Map(
    (await engine.query<{ path: string; hash: string }>(
      "select path, hash from supabase_migrations.stack_files",
    )).map(({ path, hash }) => [path, hash]),
  );
  for (const file of seeds) {
    const hash = applied.get(file.path);
    if (hash === file.hash) continue;
    if (hash !== undefined) {
      progress(`${file.path} has changed; it is loaded again after \`npm run reset\`.`);
      continue;
    }
    progress(`Seed ${file.path}`);
    await runFile(engine, file, [recordFile(file)]);
  }
}

/** On hosted Supabase `supabase seed buckets` does the same from the same file. */
export async function makeBuckets(engine: Engine, config: StackConfig): Promise<void> {
  for (const bucket of config.buckets) {
    await engine.query(
      `insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
       values ($1, $1, $2, $3, $4)
       on conflict (id) do update set public = excluded.public,
         file_size_limit = excluded.file_size_limit,
         allowed_mime_types = excluded.allowed_mime_types`,
      [bucket.id, bucket.public, bucket.fileSizeLimit, bucket.allowedMimeTypes],
    );
  }
}

type Statement = [text: string, params: unknown[]];

const recordFile = (file: SqlFile): Statement => [
  `insert into supabase_migrations.stack_files (path, hash) values ($1, $2)
   on conflict (path) do update set hash = excluded.hash, applied_at = now()`,
  [file.path, file.hash],
];

/** One transaction a file: it is applied and recorded, or nothing happened. */
async function runFile(engine: Engine, file: SqlFile, after: Statement[] = []): Promise<void> {
  try {
    await engine.transaction(async (session) => {
      await session.exec(file.text);
      // A file may set the path for itself (pg_dump writes such files); the next one must not see it.
      await session.exec("set search_path = public, extensions");
      for (const [text, params] of after) await session.query(text, params);
    });
  } catch (error) {
    throw new StackError(explain(error, file));
  }
}

interface DatabaseError {
  message: string;
  code?: string;
  detail?: string;
  hint?: string;
  where?: string;
  position?: string;
}

function explain(error: unknown, file: SqlFile): string {
  const { message, code, detail, hint, where, position } = error as DatabaseError;
  const line = position ? file.text.slice(0, Number(position)).split("\n").length : undefined;
  return [
    `${file.path}${line ? `:${line}` : ""}: ${message}${code ? ` (${code})` : ""}`,
    detail && `  detail: ${detail}`,
    hint && `  hint: ${hint}`,
    where && `  where: ${where.split("\n")[0]}`,
  ].filter(Boolean).join("\n");
}
