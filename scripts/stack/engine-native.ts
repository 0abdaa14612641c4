// The second engine: any Postgres 15 or newer by its URL, with real concurrency.
import { createPostgresConnection } from "@supabase/lite/postgres";
import { CompiledQuery, type Kysely } from "kysely";
import postgres from "postgres";
import { StackError } from "./database.ts";
import { type Engine, jsonParsers, type Row, type Session, tameConnection } from "./engine.ts";

const parsedType = (oid: number) => ({
  to: oid,
  from: [oid],
  serialize: (value: unknown) => String(value),
  parse: (text: string) => jsonParsers[oid]?.(text),
});

const asJson = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value);

/** Values of JSON columns arrive as text already; the driver would quote them once more. */
const jsonType = (oid: number) => ({
  to: oid,
  from: [oid],
  serialize: asJson,
  parse: JSON.parse,
});
const jsonTypes = { json: jsonType(114), jsonb: jsonType(3802) };

/** The driver would take whatever is not true for false; Postgres refuses what is neither. */
const booleanType = {
  to: 16,
  from: [16],
  serialize: asJson,
  parse: (text: string) => text === "t",
};

export async function openNative(databaseUrl: string): Promise<Engine> {
  const searchPath = "public, extensions";
  // Lite's requests and the stack's own work get a pool each: a stack busy with checks of its own
  // must not take the connections away from users.
  const connection = createPostgresConnection({
    url: databaseUrl,
    postgresOptions: {
      max: 20,
      onnotice: () => {},
      connection: { search_path: searchPath },
      types: {
        timestamp: parsedType(1114),
        timestamptz: parsedType(1184),
        numeric: parsedType(1700),
        boolean: booleanType,
        ...jsonTypes,
      },
    },
  });
  const sql = postgres(databaseUrl, {
    max: 5,
    onnotice: () => {},
    connection: { search_path: searchPath, TimeZone: "UTC" },
    types: jsonTypes,
  });
  try {
    await sql`select 1`;
  } catch (error) {
    await Promise.all([sql.end(), connection.close()]);
    const { host, pathname } = new URL(databaseUrl);
    const reason = (error as Error).message;
    throw new StackError(`The database ${host}${pathname} cannot be used: ${reason}`);
  }
  tameConnection(
    connection,
    (db, text, params) => (db as Kysely<unknown>).executeQuery(CompiledQuery.raw(text, params)),
  );
  return {
    kind: "native",
    connection,
    ...asSession(sql),
    transaction: async <T>(work: (session: Session) => Promise<T>) =>
      await sql.begin((tx) => work(asSession(tx))) as T,
    listen: async (channel, handler) => void await sql.listen(channel, handler),
    close: async () => {
      await Promise.all([sql.end({ timeout: 2 }), connection.close()]);
    },
  };
}

/** Of two starts on one database the second waits, and finds the work done. */
export async function whileAlone<T>(databaseUrl: string, work: () => Promise<T>): Promise<T> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`select pg_advisory_lock(hashtext('lyceum.deploy'))`;
    return await work();
  } finally {
    await sql.end({ timeout: 2 });
  }
}

function asSession(sql: postgres.Sql | postgres.TransactionSql): Session {
  return {
    query: async <T extends object = Row>(text: string, params: unknown[] = []) =>
      [...await sql.unsafe<T[]>(text, params as postgres.ParameterOrJSON<never>[])] as T[],
    exec: async (script) => void await sql.unsafe(script),
  };
}
