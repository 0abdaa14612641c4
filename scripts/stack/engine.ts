// What the stack needs of a database, whichever it is: the embedded PGlite (engine-embedded.ts) or a
// native Postgres (engine-native.ts). All sessions here are the superuser's.
import type { Connection } from "@supabase/lite";

export type Row = Record<string, unknown>;

export interface Session {
  query<T extends object = Row>(text: string, params?: unknown[]): Promise<T[]>;
  /** Runs a script of any number of statements. */
  exec(script: string): Promise<void>;
}

export interface Engine extends Session {
  readonly kind: "embedded" | "native";
  /** What Supabase Lite works with. */
  readonly connection: Connection;
  /** Commits when the work resolves, rolls back when it throws. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  listen(channel: string, handler: (payload: string) => void): Promise<void>;
  close(): Promise<void>;
}

// PostgREST hands values out the way Postgres turns them into JSON; lite hands out what its driver
// parsed. With these parsers a client sees the same from both.
const isoTimestamp = (text: string): string =>
  text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
const jsonNumber = (text: string): number | string => {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
};
export const jsonParsers: Record<number, (text: string) => unknown> = {
  1114: isoTimestamp,
  1184: isoTimestamp,
  1700: jsonNumber,
};

interface LitePrivates {
  rlsState: "unknown" | "active";
  applyJwtSessionContext(
    db: Parameters<Parameters<Connection["withContext"]>[1]>[0],
    vars: {
      auth?: { role?: string; uid?: unknown; jwt?: unknown };
      storage?: { operation?: string };
    },
  ): Promise<void>;
}

/**
 * Two habits of lite that every engine must be freed of. On the first request it would grant ALL on
 * every schema with row-level security to anon and authenticated, and it sends five statements to
 * say who is calling where one does.
 */
export function tameConnection(
  connection: Connection,
  run: (db: unknown, text: string, params: unknown[]) => Promise<unknown>,
): void {
  const privates = connection as unknown as LitePrivates;
  privates.rlsState = "active";
  privates.applyJwtSessionContext = async (db, vars) => {
    const role = vars.auth?.role ?? "anon";
    await run(db, setCaller, [
      role,
      String(vars.auth?.uid ?? ""),
      JSON.stringify(vars.auth?.jwt ?? { role }),
      vars.storage?.operation ?? "",
    ]);
  };
}

const setCaller = `select set_config('role', $1, true),
  set_config('request.jwt.claim.sub', $2, true),
  set_config('request.jwt.claim.role', $1, true),
  set_config('request.jwt.claims', $3, true),
  set_config('storage.operation', $4, true)`;
