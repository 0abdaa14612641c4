// Where the project's own server lives, and what is remembered of it between two starts.
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, stackFolder } from "../stack/paths.ts";
import { type Account, PostgresError } from "./system.ts";

export const homeFolder = join(stackFolder, "postgres");
const recordFile = join(homeFolder, "server.json");

export interface ServerRecord {
  major: number;
  port: number;
  password: string;
  /** Holds `data` and `log`; belongs to the account that the server runs as. */
  folder: string;
}

export const newPassword = (): string => randomBytes(18).toString("base64url");

export function readRecord(): ServerRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile, "utf8")) as ServerRecord;
  } catch {
    return undefined;
  }
}

export function writeRecord(record: ServerRecord): void {
  mkdirSync(homeFolder, { recursive: true });
  writeFileSync(recordFile, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

/** All of the server's files; what was built for the system is kept. */
export function removeServer(record: ServerRecord): void {
  rmSync(record.folder, { recursive: true, force: true });
  rmSync(recordFile, { force: true });
}

/**
 * A folder for the server. Where it runs as another user, who cannot look into a project below
 * somebody's private folder, the files go to that user's own place.
 */
export function makeServerFolder(account: Account | undefined): string {
  const near = join(homeFolder, "server");
  mkdirSync(near, { recursive: true, mode: 0o700 });
  if (!account) return near;
  chownSync(near, account.uid, account.gid);
  if (mayEnter(near, account)) return near;
  rmSync(near, { recursive: true });

  const name = createHash("sha256").update(root).digest("hex").slice(0, 12);
  const far = join("/var/lib/postgresql", `lyceum-${name}`);
  if (!existsSync("/var/lib/postgresql")) {
    throw new PostgresError(
      `The server runs as user postgres, who may not enter ${near}. Move the project to a folder ` +
        "that everybody may enter, or start this as another user than root.",
    );
  }
  mkdirSync(far, { recursive: true, mode: 0o700 });
  chownSync(far, account.uid, account.gid);
  return far;
}

const mayEnter = (folder: string, account: Account): boolean =>
  spawnSync("test", ["-x", folder, "-a", "-w", folder], account).status === 0;
