// A server for one test: nothing of it is kept, and nothing of the project's own server is touched.
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newPassword } from "./home.ts";
import { findInstallation, type Installation, missingExtensions } from "./installation.ts";
import { type Cluster, initialise, runningPid, startCluster, stopCluster } from "./server.ts";
import type { ServerSettings } from "./settings.ts";
import { PostgresError, serverAccount } from "./system.ts";

export interface Throwaway {
  cluster: Cluster;
  port: number;
  url(database: string): string;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** The server programs of this machine, if it has all of them. */
export function wholeInstallation(): Installation | undefined {
  const found = findInstallation();
  return found && missingExtensions(found).length === 0 ? found : undefined;
}

export async function openThrowaway(
  settings: Partial<ServerSettings> = {},
): Promise<Throwaway> {
  const installation = wholeInstallation();
  if (!installation) throw new PostgresError("This machine lacks PostgreSQL: npm run postgres");
  const account = serverAccount();
  const folder = mkdtempSync(join(tmpdir(), "lyceum-postgres-"));
  if (account) chownSync(folder, account.uid, account.gid);
  const cluster: Cluster = { installation, account, folder };
  const close = async () => {
    if (runningPid(folder) !== undefined) await stopCluster(cluster);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const password = newPassword();
    const port = settings.port ?? await anyPort();
    const start = () => startCluster(cluster, { ...settings, port, isThrowaway: true });
    await initialise(cluster, password);
    await start();
    const url = (database: string) =>
      `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
    return { cluster, port, url, start, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One that the system gives out now, and to nobody else for a while. */
async function anyPort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  listener.close();
  return port;
}
