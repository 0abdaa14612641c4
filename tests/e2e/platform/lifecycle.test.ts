// The stack as a program: what it prints, what it refuses, and how it ends.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { until } from "../../setup/stack.ts";

const folder = mkdtempSync(join(tmpdir(), "lyceum-lifecycle-"));
const running: ChildProcess[] = [];
afterEach(() => running.splice(0).forEach((child) => child.kill("SIGKILL")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Program {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  ended: Promise<number | null>;
}

function run(args: string[], command = process.execPath): Program {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "", VITEST: "" },
  });
  running.push(child);
  let [out, err] = ["", ""];
  child.stdout.on("data", (data: Buffer) => out += data.toString());
  child.stderr.on("data", (data: Buffer) => err += data.toString());
  const ended = new Promise<number | null>((resolve) =>
    child.once("exit", (code) => resolve(code))
  );
  return { child, out: () => out, err: () => err, ended };
}

const cli = (...args: string[]) =>
  run(["scripts/stack/cli.ts", "--port", "0", "--workers", "0", ...args]);
const ready = (program: Program) =>
  until(
    async () => {
      const early = await Promise.race([program.ended, Promise.resolve("runs")]);
      if (early !== "runs") throw new Error(`ended with ${early}: ${program.err()}`);
      return program.out().includes("\n") && JSON.parse(program.out()) as Record<string, unknown>;
    },
    "the stack to be ready",
    60_000,
  );

/** Processes of this machine whose command line names the functions' host. */
const hosts = () =>
  readdirSync("/proc").filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("functions-host.ts");
    } catch {
      return false;
    }
  });
const childrenOf = (parent: number | undefined) =>
  hosts().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1] ===
        String(parent);
    } catch {
      return false;
    }
  });

describe("npm start", () => {
  test("with --json prints one line once it is ready, and Ctrl-C ends it and its children", async () => {
    const program = cli("--data", "memory", "--json");
    const line = await ready(program);
    expect(line).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      publishableKey: expect.stringMatching(/^sb_publishable_/),
      secretKey: expect.stringMatching(/^sb_secret_/),
      accounts: expect.any(Array),
    });
    const response = await fetch(`${line.url}/auth/v1/health`, {
      headers: { apikey: String(line.publishableKey) },
    });
    expect(response.status).toBe(200);
    const children = childrenOf(program.child.pid);
    expect(children).toHaveLength(1);
    program.child.kill("SIGINT");
    expect(await program.ended).toBe(0);
    expect(program.out().trim().split("\n")).toHaveLength(1);
    expect(hosts()).not.toContain(children[0]);
  });

  test("keeps its data, refuses a second start on it, and can be started again", async () => {
    const data = join(folder, "kept");
    const first = cli("--data", data, "--json");
    const line = await ready(first);
    const second = cli("--data", data, "--json");
    expect(await second.ended).toBe(1);
    expect(second.err()).toContain(`already runs on this data (${data}) at ${line.url}`);
    expect(second.out()).toBe("");
    const reset = run(["scripts/stack/reset.ts", "--data", data]);
    expect(await reset.ended).toBe(1);

    // Killed without a chance to tidy up: the next start takes over, and no child is left.
    const [host] = childrenOf(first.child.pid);
    first.child.kill("SIGKILL");
    await first.ended;
    await until(() => !hosts().includes(host ?? ""), "the functions' process to end");
    const third = cli("--data", data, "--json");
    expect(await ready(third)).toMatchObject({ secretKey: line.secretKey });
    third.child.kill("SIGTERM");
    expect(await third.ended).toBe(0);

    const emptied = run(["scripts/stack/reset.ts", "--data", data]);
    expect(await emptied.ended).toBe(0);
    expect(readdirSync(data)).toEqual(["keys.json"]);
  });

  test("says so when the port is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const program = run([
      "scripts/stack/cli.ts",
      "--port",
      String(port),
      "--data",
      "memory",
      "--json",
    ]);
    expect(await program.ended).toBe(1);
    expect(program.err()).toContain(`Port ${port} is taken by another program`);
    expect(program.out()).toBe("");
    server.close();
  });

  test.each([
    [["--port", "70000"], "--port takes a whole number up to 65535"],
    [["--no-such-option"], "no-such-option"],
    [["--database-url", "postgresql://nobody@127.0.0.1:1/none"], "127.0.0.1:1"],
  ])("refuses %j with a plain message", async (args, message) => {
    const program = run([
      "scripts/stack/cli.ts",
      "--data",
      "memory",
      "--json",
      "--port",
      "0",
      ...args,
    ]);
    expect(await program.ended).toBe(1);
    expect(program.err()).toContain(message);
    expect(program.err()).not.toContain("    at ");
  });

  test.each(
    [
      ["the process that started it is killed", "SIGKILL", process.execPath, [
        "scripts/run.mjs",
        "scripts/stack/cli.ts",
      ]],
      ["npm is asked to stop", "SIGTERM", "npm", ["start", "--silent", "--"]],
    ] as const,
  )("ends when %s", async (_what, signal, command, args) => {
    const starter = run([...args, "--port", "0", "--data", "memory", "--json"], command);
    const line = await ready(starter);
    starter.child.kill(signal);
    await until(
      () => fetch(String(line.url)).then(() => false, () => true),
      "the stack to end",
    );
  });
});
