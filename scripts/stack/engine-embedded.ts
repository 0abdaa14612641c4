// The embedded engine: Postgres 17 as WebAssembly (PGlite) inside this process, one session for all.
import type { Extension } from "@electric-sql/pglite";
import { btree_gist } from "@electric-sql/pglite/contrib/btree_gist";
import { citext } from "@electric-sql/pglite/contrib/citext";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { pgcrypto } from "@electric-sql/pglite/contrib/pgcrypto";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { uuid_ossp } from "@electric-sql/pglite/contrib/uuid_ossp";
import { vector } from "@electric-sql/pglite/vector";
import { createPgliteConnection, type PGlite } from "@supabase/lite/pglite";
import { CompiledQuery, type Kysely } from "kysely";
import { type Engine, jsonParsers, type Row, type Session, tameConnection } from "./engine.ts";
import { isolated } from "./isolation.ts";

export interface EmbeddedOptions {
  /** A folder for the files, or nothing for memory. */
  folder?: string;
  /** A dump to start from (snapshot.ts). */
  snapshot?: Blob;
  extensions?: Record<string, Extension>;
}

export interface EmbeddedEngine extends Engine {
  readonly pg: PGlite;
  dump(): Promise<Blob>;
}

export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedEngine> {
  const connection = await createPgliteConnection({
    url: options.folder ?? "memory://",
    pgliteOptions: {
      loadDataDir: options.snapshot,
      extensions: {
        btree_gist,
        citext,
        pg_trgm,
        pgcrypto,
        unaccent,
        uuid_ossp,
        vector,
        ...options.extensions,
      },
      parsers: jsonParsers,
    },
  });
  const pg = connection.driver;
  await pg.waitReady;
  // A session starts with `search_path = public`, and lite passes extra_search_path over.
  await pg.exec("set search_path = public, extensions; set timezone = 'UTC';");
  await pruneParsers(pg);
  Object.assign(pg.serializers, lenientSerializers);
  connection.kysely = isolated(pg);
  tameConnection(
    connection,
    (db, text, params) => (db as Kysely<unknown>).executeQuery(CompiledQuery.raw(text, params)),
  );
  return {
    kind: "embedded",
    pg,
    connection,
    query: async <T extends object>(text: string, params?: unknown[]) =>
      (await pg.query<T>(text, params)).rows,
    exec: async (script) => void await pg.exec(script),
    transaction: (work) => pg.transaction((tx) => work(asSession(tx))),
    listen: async (channel, handler) => void await pg.listen(channel, handler),
    dump: () => pg.dumpDataDir("none"),
    close: () => connection.close(),
  };
}

type Runner = Pick<PGlite, "query" | "exec">;

function asSession(runner: Pick<Runner, "query" | "exec">): Session {
  return {
    query: async <T extends object = Row>(text: string, params?: unknown[]) =>
      (await runner.query<T>(text, params)).rows,
    exec: async (script) => void await runner.exec(script),
  };
}

/**
 * PGlite's own serializers throw, without an SQLSTATE, for a value of another type. These hand over
 * what JSON said and let Postgres judge, which answers 22P02 as it does behind PostgREST.
 */
const asText = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value) ?? "";
const asTime = (value: unknown): string =>
  value instanceof Date ? value.toISOString() : asText(value);
const asBytes = (value: unknown): string =>
  value instanceof Uint8Array ? `\\x${Buffer.from(value).toString("hex")}` : asText(value);
const BOOL = 16, BYTEA = 17, TEXT = [25, 1042, 1043, 705], TIMES = [1082, 1114, 1184];
const lenientSerializers: Record<number, (value: unknown) => string> = {
  [BOOL]: asText,
  [BYTEA]: asBytes,
  ...Object.fromEntries(TEXT.map((oid) => [oid, asText])),
  ...Object.fromEntries(TIMES.map((oid) => [oid, asTime])),
};

/**
 * PGlite copies its table of parsers for each query, and fills it with one entry for the array of
 * every table's row type: several hundred that no answer ever holds.
 */
async function pruneParsers(pg: PGlite): Promise<void> {
  const { rows } = await pg.query<{ oid: number }>(`
    select t.typarray::int as oid
    from pg_catalog.pg_type t
    where t.typtype = 'c' and t.typarray <> 0`);
  for (const { oid } of rows) {
    delete pg.parsers[oid];
    delete pg.serializers[oid];
  }
}
