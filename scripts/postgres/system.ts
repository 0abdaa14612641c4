// Running other programs, and what this user may do on this machine.
import { spawn, spawnSync } from "node:child_process";

/** Something the reader can put right; shown without a stack trace. */
export class PostgresError extends Error {}

export type Say = (text: string) => void;

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** The account to run as; only root may name one. */
  user?: Account;
  /** Sent to standard input; without it there is none. */
  input?: string;
}

export interface Account {
  uid: number;
  gid: number;
}

export interface Ran {
  ok: boolean;
  /** Standard output alone. */
  stdout: string;
  /** Standard output and standard error as they came. */
  output: string;
}

export function run(command: string, args: string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: "C.UTF-8", ...options.env },
      ...options.user,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const all: Buffer[] = [];
    const out: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => all.push(chunk) && out.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => all.push(chunk));
    child.stdin?.end(options.input);
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString().trim();
    child.once("error", ({ message }) => resolve({ ok: false, stdout: "", output: message }));
    child.once(
      "close",
      (code) => resolve({ ok: code === 0, stdout: text(out), output: text(all) }),
    );
  });
}

/** Runs it, or says what was being done and how it failed. */
export async function must(
  what: string,
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<string> {
  const { ok, stdout, output } = await run(command, args, options);
  if (!ok) throw new PostgresError(`${what} failed:\n${lastLines(output, 12)}`);
  return stdout;
}

export const lastLines = (text: string, count: number): string =>
  text.split("\n").slice(-count).join("\n");

export const has = (command: string): boolean =>
  spawnSync("sh", ["-c", `command -v ${command}`], { stdio: "ignore" }).status === 0;

export const isRoot = (): boolean => process.getuid?.() === 0;

/** What to put before a command that needs root; nothing where this user may not do such a thing. */
export function rootPrefix(): string[] | undefined {
  if (isRoot()) return [];
  if (!has("sudo")) return undefined;
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0
    ? ["sudo", "-n"]
    : undefined;
}

/** PostgreSQL refuses to run as root; then it runs as its own user. */
export function serverAccount(): Account | undefined {
  if (!isRoot()) return undefined;
  const id = (flag: string) =>
    Number(spawnSync("id", [flag, "postgres"]).stdout?.toString().trim() || NaN);
  const account = { uid: id("-u"), gid: id("-g") };
  if (Number.isNaN(account.uid) || Number.isNaN(account.gid)) {
    throw new PostgresError(
      "PostgreSQL does not run as root, and there is no user `postgres`: useradd --system postgres",
    );
  }
  return account;
}
