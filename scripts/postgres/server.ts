// The project's own server: made, started, stopped. Everything of it is in one folder.
import {
  appendFileSync,
  chownSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Installation } from "./installation.ts";
import { configuration, type ServerSettings } from "./settings.ts";
import { type Account, lastLines, must, PostgresError, run } from "./system.ts";

export interface Cluster {
  installation: Installation;
  account: Account | undefined;
  /** Holds `data` and `log`. */
  folder: string;
}

const dataOf = ({ folder }: Cluster) => join(folder, "data");
export const logOf = ({ folder }: { folder: string }) => join(folder, "log");

/** Made aside and renamed: half a server is never taken for a whole one. */
export async function initialise(cluster: Cluster, password: string): Promise<void> {
  const { installation, account, folder } = cluster;
  const passwordFile = join(folder, "password");
  const half = join(folder, "half-made");
  rmSync(half, { recursive: true, force: true });
  write(passwordFile, `${password}\n`, account);
  try {
    await must("initdb", join(installation.bin, "initdb"), [
      `--pgdata=${half}`,
      "--username=postgres",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // The embedded engine sorts like this too.
      "--locale=C.UTF-8",
      "--no-sync",
      "--no-instructions",
    ], { user: account, cwd: folder });
    appendFileSync(join(half, "postgresql.conf"), "include 'lyceum.conf'\n");
    rmSync(dataOf(cluster), { recursive: true, force: true });
    renameSync(half, dataOf(cluster));
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(half, { recursive: true, force: true });
  }
}

export const isMade = (folder: string): boolean => existsSync(join(folder, "data", "PG_VERSION"));

/** The process that serves this folder, if one does. A stale pid file is none. */
export function runningPid(folder: string): number | undefined {
  const data = join(folder, "data");
  let pid: number;
  try {
    pid = Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
  } catch {
    return undefined;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return undefined;
  }
  try {
    // Process ids are used again: this one may be another program's by now.
    if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(data)) return undefined;
  } catch {
    // No /proc here: the id has to do.
  }
  return pid;
}

export async function startCluster(cluster: Cluster, settings: ServerSettings): Promise<void> {
  const { installation, account, folder } = cluster;
  const data = dataOf(cluster);
  if (await isTaken(settings.port)) throw portTaken(settings.port);
  // The server of this folder does not run (runningPid), whatever its pid file says.
  rmSync(join(data, "postmaster.pid"), { force: true });
  write(join(data, "lyceum.conf"), configuration(settings), account);
  const log = logOf(cluster);
  rmSync(log, { force: true });
  const { ok } = await run(join(installation.bin, "pg_ctl"), [
    `--pgdata=${data}`,
    `--log=${log}`,
    "--timeout=60",
    "--wait",
    "--silent",
    "start",
  ], { user: account, cwd: folder });
  if (ok) return;
  const said = existsSync(log) ? readFileSync(log, "utf8").trim() : "It left no log.";
  if (/could not bind|Address already in use/.test(said)) throw portTaken(settings.port);
  throw new PostgresError(
    `PostgreSQL did not start. Its log (${log}) ends:\n${lastLines(said, 8)}`,
  );
}

export async function stopCluster(cluster: Cluster): Promise<void> {
  await must("Stopping PostgreSQL", join(cluster.installation.bin, "pg_ctl"), [
    `--pgdata=${dataOf(cluster)}`,
    "--mode=fast",
    "--timeout=60",
    "--wait",
    "--silent",
    "stop",
  ], { user: cluster.account, cwd: cluster.folder });
}

export const portTaken = (port: number) =>
  new PostgresError(
    `Port ${port} is taken by another program. Stop that one, or take another port: ` +
      "npm run postgres -- start --port <number>",
  );

export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const answer = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

function write(path: string, text: string, account: Account | undefined): void {
  writeFileSync(path, text, { mode: 0o600 });
  if (account) chownSync(path, account.uid, account.gid);
}
