// scripts/run.mjs with an npm that is made of paper: what it installs, when, and what it hands on.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../setup/stack.ts";

const base = mkdtempSync(join(tmpdir(), "lyceum-run-"));
let project = "";
let count = 0;
afterAll(() => rmSync(base, { recursive: true, force: true }));

// Writes down each call, takes its time, and "installs" this very Node.
const paperNpm = `
const { appendFileSync, mkdirSync, symlinkSync, rmSync } = require("node:fs");
appendFileSync("npm.log", process.argv.slice(2).join(" ") + "\\n");
if (process.env.PAPER_FAILS) process.exit(7);
setTimeout(() => {
  rmSync("node_modules", { recursive: true, force: true });
  mkdirSync("node_modules/node/bin", { recursive: true });
  symlinkSync(process.env.PAPER_NODE, "node_modules/node/bin/node");
}, 700);
`;

beforeEach(() => {
  project = join(base, `project-${++count}`);
  mkdirSync(join(project, "scripts"), { recursive: true });
  cpSync("scripts/run.mjs", join(project, "scripts", "run.mjs"));
  writeFileSync(join(project, "npm.js"), paperNpm);
  writeFileSync(join(project, "package-lock.json"), JSON.stringify({ packages: { "": {} } }));
  writeFileSync(join(project, "entry.ts"), "console.log(JSON.stringify(process.argv.slice(2)));");
});

interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["scripts/run.mjs", ...args], {
    cwd: project,
    env: {
      ...process.env,
      npm_execpath: join(project, "npm.js"),
      PAPER_NODE: process.execPath,
      ...env,
    },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (data: Buffer) => out += data.toString());
  child.stderr.on("data", (data: Buffer) => err += data.toString());
  const ended = new Promise<Outcome>((resolve) =>
    child.once("exit", (code) => resolve({ code, out, err }))
  );
  return { child, ended, out: () => out };
}
const run = (args: string[], env?: Record<string, string>) => start(args, env).ended;
const npmCalls = () => {
  const log = join(project, "npm.log");
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
};

describe("scripts/run.mjs", () => {
  test("installs once, keeps standard output for the entry, and hands the arguments on", async () => {
    const first = await run(["entry.ts", "--port", "1", "a b"]);
    expect(first).toMatchObject({ code: 0, out: '["--port","1","a b"]\n' });
    expect(first.err).toContain("Installing the packages");
    expect(npmCalls()).toEqual(["ci --no-audit --no-fund"]);
    const second = await run(["entry.ts"]);
    expect(second).toEqual({ code: 0, out: "[]\n", err: "" });
    expect(npmCalls()).toHaveLength(1);
  });

  test("installs again when the lock file has changed", async () => {
    await run(["entry.ts"]);
    writeFileSync(
      join(project, "package-lock.json"),
      JSON.stringify({ packages: { "": {}, x: 1 } }),
    );
    expect((await run(["entry.ts"])).code).toBe(0);
    expect(npmCalls()).toHaveLength(2);
  });

  test("takes an installation that npm itself has made", async () => {
    const lock = { packages: { "": {}, "node_modules/a": { version: "1.0.0" } } };
    writeFileSync(join(project, "package-lock.json"), JSON.stringify(lock));
    await run(["entry.ts"]);
    rmSync(join(project, "node_modules", ".lyceum-lock-hash"));
    writeFileSync(join(project, "node_modules", ".package-lock.json"), JSON.stringify(lock));
    expect((await run(["entry.ts"])).err).toBe("");
    expect(npmCalls()).toHaveLength(1);
    // One package is of another version: what is there is not what the lock file says.
    rmSync(join(project, "node_modules", ".lyceum-lock-hash"));
    const other = { packages: { "node_modules/a": { version: "2.0.0" } } };
    writeFileSync(join(project, "node_modules", ".package-lock.json"), JSON.stringify(other));
    await run(["entry.ts"]);
    expect(npmCalls()).toHaveLength(2);
  });

  test("two at once install once, and both run", async () => {
    const outcomes = await Promise.all([
      run(["entry.ts", "1"]),
      run(["entry.ts", "2"]),
      run(["entry.ts", "3"]),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(outcomes.map(({ out }) => out)).toEqual(['["1"]\n', '["2"]\n', '["3"]\n']);
    expect(npmCalls()).toHaveLength(1);
    expect(outcomes.some(({ err }) => err.includes("waiting for it"))).toBe(true);
  });

  test("is not held up by the lock of an installation that was killed", async () => {
    mkdirSync(join(project, ".stack"));
    writeFileSync(join(project, ".stack", "install.lock"), "999999999");
    expect((await run(["entry.ts"])).code).toBe(0);
    expect(existsSync(join(project, ".stack", "install.lock"))).toBe(false);
  });

  test("says so when npm fails, and tries again the next time", async () => {
    const failed = await run(["entry.ts"], { PAPER_FAILS: "1" });
    expect(failed.code).toBe(1);
    expect(failed.err).toContain("npm ci ended with code 7");
    expect((await run(["entry.ts"])).code).toBe(0);
  });

  test("ends with the code of the entry, and hands signals on", async () => {
    writeFileSync(join(project, "entry.ts"), "process.exit(3)");
    expect((await run(["entry.ts"])).code).toBe(3);
    writeFileSync(
      join(project, "entry.ts"),
      `process.on("SIGTERM", () => process.exit(5)); setInterval(() => {}, 1000); console.log("up");`,
    );
    const program = start(["entry.ts"]);
    await until(() => program.out() === "up\n", "the entry to be up");
    program.child.kill("SIGTERM");
    expect((await program.ended).code).toBe(5);
  });
});
