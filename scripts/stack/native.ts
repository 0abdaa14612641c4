// npm start -- --native: the stack on the project's own PostgreSQL, or on that of DATABASE_URL.
import { join } from "node:path";
import { givenUrl } from "../postgres/given-server.ts";
import { mainDatabase } from "../postgres/names.ts";
import { openServer } from "../postgres/open-server.ts";
import { PostgresError } from "../postgres/system.ts";
import { type Progress, StackError } from "./database.ts";
import { stackFolder } from "./paths.ts";

/** Keys and files: those of the embedded database belong to other rows. */
export const nativeDataFolder = join(stackFolder, "native");

export interface NativeDatabase {
  databaseUrl: string;
  /** Stops the server if it did not run before. */
  close(): Promise<void>;
}

export async function openNativeDatabase(progress: Progress): Promise<NativeDatabase> {
  try {
    const server = await openServer(progress);
    progress(`PostgreSQL ${server.version}`);
    return { databaseUrl: givenUrl() ?? server.url(mainDatabase), close: () => server.close() };
  } catch (error) {
    throw error instanceof PostgresError ? new StackError(error.message) : error;
  }
}
