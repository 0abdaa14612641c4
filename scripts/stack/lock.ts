// Two processes on one data folder would lose rows without a word: PGlite's files have no guard of
// their own. The lock names its holder, so that one which a killed process left behind is no bar.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "./database.ts";

interface Holder {
  pid: number;
  /** When the process started, where the system tells: process ids are used again. */
  since?: string;
  url?: string;
}

export interface Lock {
  announce(url: string): void;
  release(): void;
}

function startOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];
  } catch {
    return undefined;
  }
}

function isAlive({ pid, since }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return since === undefined || since === startOf(pid);
}

function holderOf(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** Who uses this folder now, if anybody. */
export function lockedBy(folder: string): Holder | undefined {
  const holder = holderOf(join(folder, "lock.json"));
  return holder && isAlive(holder) ? holder : undefined;
}

export function lockFolder(folder: string): Lock {
  const file = join(folder, "lock.json");
  const self: Holder = { pid: process.pid, since: startOf(process.pid) };
  mkdirSync(folder, { recursive: true });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, JSON.stringify(self), { flag: "wx" });
      return {
        announce: (url) => writeFileSync(file, JSON.stringify({ ...self, url })),
        release: () => rmSync(file, { force: true }),
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (lockedBy(folder)) break;
    rmSync(file, { force: true });
  }
  const holder = lockedBy(folder);
  const where = holder?.url ? ` at ${holder.url}` : "";
  throw new StackError(
    `The stack already runs on this data (${folder})${where}, as process ${
      holder?.pid ?? "unknown"
    }.\n` +
      "Use that one, or start another with its own data: npm start -- --port 0 --data memory",
  );
}
