// A server of somebody's own, named by DATABASE_URL: nothing is installed or started, only looked at.
import postgres from "postgres";
import { extensions, isOlder, oldestMajor, spoken } from "./installation.ts";
import { PostgresError } from "./system.ts";

export const givenUrl = (): string | undefined => process.env.DATABASE_URL || undefined;

export const withDatabase = (url: string, database: string): string => {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
};

/** Where it is, without the password. */
export const spokenUrl = (url: string): string => {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
};

interface Found {
  version: string;
  number: number;
  super: boolean;
}

/** The version when all is well; otherwise one line that says what is not. */
export async function checkGiven(url: string): Promise<string> {
  if (!/^postgres(ql)?:\/\/./.test(url) || !URL.canParse(url)) {
    throw new PostgresError("DATABASE_URL is no postgresql://user:password@host:port/database.");
  }
  const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => {} });
  try {
    const [found] = await sql<Found[]>`
      select current_setting('server_version') as version,
        current_setting('server_version_num')::int as number,
        (select rolsuper from pg_roles where rolname = current_user) as super`;
    if (!found) throw new PostgresError("DATABASE_URL answers nothing.");
    if (found.number < oldestMajor * 10_000) {
      throw new PostgresError(
        `DATABASE_URL is PostgreSQL ${found.version}; ${oldestMajor} or newer is needed.`,
      );
    }
    const available = await sql<{ name: string; version: string }[]>`
      select name, default_version as version from pg_available_extensions`;
    const lacking = extensions.filter((extension) => {
      if (extension.isPlugin || !extension.isEssential) return false;
      const offer = available.find(({ name }) => name === extension.name);
      return !offer || isOlder(offer.version, extension.atLeast ?? "0");
    });
    if (lacking.length > 0) {
      throw new PostgresError(
        `The server of DATABASE_URL lacks: ${lacking.map(spoken).join(", ")}. Install it there.`,
      );
    }
    if (!found.super) {
      throw new PostgresError(
        "The user of DATABASE_URL is no superuser: roles and databases could not be made.",
      );
    }
    return found.version;
  } catch (error) {
    if (error instanceof PostgresError) throw error;
    throw new PostgresError(
      `DATABASE_URL (${spokenUrl(url)}) cannot be used: ${(error as Error).message}`,
    );
  } finally {
    await sql.end({ timeout: 2 });
  }
}
