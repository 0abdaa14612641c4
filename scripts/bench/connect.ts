// Connections as an application has them: prepared statements in whole transactions with the claims of a token.
import pg from "pg";

/** What is set on each connection of a case, before its first statement. */
export type Settings = Record<string, string | number>;

export async function connect(url: string, settings: Settings = {}): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const [name, value] of Object.entries(settings)) {
    await client.query("select set_config($1, $2, false)", [name, String(value)]);
  }
  return client;
}

/**
 * A commit that waits for the disk and 2 ms more, as on a server with replicas: without it transactions that queue for
 * one row do not show.
 */
export const slowCommits: Settings = {
  synchronous_commit: "on",
  commit_delay: 2000,
  commit_siblings: 0,
};

export interface Statement {
  name: string;
  text: string;
  values?: unknown[];
}

export const enter = {
  name: "enter",
  text: "select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)",
};

export type Role = "authenticated" | "service_role" | "bench_reader" | "postgres";

/** One transaction as the Data API runs it. The owner's has the same claims, so that all but the role is equal. */
export async function transaction(
  client: pg.Client,
  userId: string,
  role: Role,
  statement: Statement,
): Promise<pg.QueryResult> {
  const claims = JSON.stringify({ sub: userId, role: "authenticated" });
  await client.query("begin");
  try {
    await client.query({ ...enter, values: [claims, role === "postgres" ? "none" : role] });
    return await client.query(statement);
  } finally {
    await client.query("commit");
  }
}

/** Opens the connections of a case and closes them whatever happens. */
export async function withClients<T>(
  url: string,
  count: number,
  work: (clients: pg.Client[]) => Promise<T>,
  settings: Settings = {},
): Promise<T> {
  const clients: pg.Client[] = [];
  try {
    while (clients.length < count) clients.push(await connect(url, settings));
    return await work(clients);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}
