// The server that tests, checks and benchmarks work on: that of DATABASE_URL, or the project's own. The
// latter is started for as long as it is needed, if it does not run already.
import { checkGiven, givenUrl, withDatabase } from "./given-server.ts";
import { startOwn, stopOwn, urlOf } from "./own-server.ts";
import type { Say } from "./system.ts";

export interface OpenServer {
  /** Whether it is the project's own. */
  isOwn: boolean;
  version: string;
  url(database: string): string;
  close(): Promise<void>;
}

export async function openServer(say: Say): Promise<OpenServer> {
  const given = givenUrl();
  if (given) {
    return {
      isOwn: false,
      version: await checkGiven(given),
      url: (database) => withDatabase(given, database),
      close: () => Promise.resolve(),
    };
  }
  const { record, isNew } = await startOwn(say);
  const url = (database: string) => urlOf(record, database);
  return {
    isOwn: true,
    version: await checkGiven(url("postgres")),
    url,
    close: async () => {
      if (isNew) await stopOwn();
    },
  };
}
