// The project's own server as the commands see it: made once, then started and stopped at will.
import { join } from "node:path";
import postgres from "postgres";
import {
  homeFolder,
  makeServerFolder,
  newPassword,
  readRecord,
  removeServer,
  type ServerRecord,
  writeRecord,
} from "./home.ts";
import { ensureInstallation } from "./install.ts";
import { debianInstallation, findInstallation, type Installation } from "./installation.ts";
import { mainDatabase } from "./names.ts";
import {
  type Cluster,
  initialise,
  isMade,
  isTaken,
  portTaken,
  runningPid,
  startCluster,
  stopCluster,
} from "./server.ts";
import { PostgresError, type Say, serverAccount } from "./system.ts";
import { withLock } from "./wait-lock.ts";

const firstPort = 54330;
const lastPort = 54399;
const lock = join(homeFolder, "lock");

export const urlOf = ({ port, password }: ServerRecord, database = mainDatabase): string =>
  `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;

export interface OwnServer {
  record: ServerRecord;
  /** False when it ran already. */
  isNew: boolean;
}

export const startOwn = (say: Say, port?: number): Promise<OwnServer> =>
  withLock(lock, async () => {
    const installation = await ensureInstallation(say);
    const account = serverAccount();
    const record = await recordFor(installation, account, port);
    const cluster: Cluster = { installation, account, folder: record.folder };
    if (runningPid(record.folder) !== undefined) {
      if (port !== undefined && port !== readRecord()?.port) {
        throw new PostgresError("The server runs on another port: npm run postgres -- stop");
      }
      return { record, isNew: false };
    }
    if (await isTaken(record.port)) throw portTaken(record.port);
    // Data without a record is that of a start which was killed: nobody knows its password.
    if (!isMade(record.folder) || !readRecord()) {
      say("Making an empty server …");
      await initialise(cluster, record.password);
      writeRecord(record);
    }
    await startCluster(cluster, { port: record.port });
    writeRecord(record);
    await makeMainDatabase(record);
    return { record, isNew: true };
  });

export const stopOwn = (): Promise<boolean> =>
  withLock(lock, async () => {
    const record = readRecord();
    if (!record || runningPid(record.folder) === undefined) return false;
    await stopCluster(clusterOf(record));
    return true;
  });

/** Everything in it is gone, whatever state it was in. */
export async function removeOwn(): Promise<boolean> {
  const record = readRecord();
  if (!record) return false;
  await stopOwn();
  removeServer(record);
  return true;
}

function clusterOf(record: ServerRecord): Cluster {
  const found = findInstallation();
  const installation = found?.major === record.major ? found : debianInstallation(record.major);
  return { installation, account: serverAccount(), folder: record.folder };
}

/** What is remembered, or a new server's; nothing is written before the server has started. */
async function recordFor(
  { major }: Installation,
  account: Cluster["account"],
  port: number | undefined,
): Promise<ServerRecord> {
  const old = readRecord();
  if (old && isMade(old.folder)) {
    if (old.major !== major) {
      throw new PostgresError(
        `The data was made by PostgreSQL ${old.major}, and ${major} is installed. ` +
          "Empty it with `npm run postgres -- reset`.",
      );
    }
    return { ...old, port: runningPid(old.folder) ? old.port : port ?? old.port };
  }
  return {
    major,
    port: port ?? await freePort(),
    password: newPassword(),
    folder: makeServerFolder(account),
  };
}

export async function freePort(from = firstPort): Promise<number> {
  for (let port = from; port <= lastPort; port++) if (!await isTaken(port)) return port;
  throw new PostgresError(
    `Every port from ${from} to ${lastPort} is taken: npm run postgres -- start --port <number>`,
  );
}

async function makeMainDatabase(record: ServerRecord): Promise<void> {
  const sql = postgres(urlOf(record, "postgres"), { max: 1, onnotice: () => {} });
  try {
    const [found] = await sql`select from pg_database where datname = ${mainDatabase}`;
    if (!found) await sql`create database ${sql(mainDatabase)}`;
  } finally {
    await sql.end();
  }
}
