// The server itself: what it survives, and what bad input gets.
import { createServer } from "node:net";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkGiven } from "../../scripts/postgres/given-server.ts";
import { instructions } from "../../scripts/postgres/install.ts";
import { extensions, isOlder, missingExtensions } from "../../scripts/postgres/installation.ts";
import { runningPid } from "../../scripts/postgres/server.ts";
import { run } from "../../scripts/postgres/system.ts";
import {
  openThrowaway,
  type Throwaway,
  wholeInstallation,
} from "../../scripts/postgres/throwaway.ts";
import { root } from "../../scripts/stack/paths.ts";
import { urlFrom } from "./native.ts";

const isHere = wholeInstallation() !== undefined || !process.env.DATABASE_URL;

describe.skipIf(!isHere)("a server of the project", () => {
  let server: Throwaway;

  beforeAll(async () => {
    server = await openThrowaway();
  });
  afterAll(() => server?.close());

  const ask = async (text: string): Promise<string> => {
    const sql = postgres(server.url("postgres"), { max: 1 });
    try {
      const [row] = await sql.unsafe(text);
      return String(Object.values(row ?? {})[0]);
    } finally {
      await sql.end();
    }
  };

  test("has what the project asks for, and listens on loopback only", async () => {
    expect(missingExtensions(server.cluster.installation)).toEqual([]);
    expect(await ask("show shared_preload_libraries")).toBe("pg_cron,pg_stat_statements");
    expect(await ask("show listen_addresses")).toBe("127.0.0.1");
    expect(Number(await ask("show server_version_num"))).toBeGreaterThanOrEqual(150_000);
    expect(
      await ask(
        "select installed_version is null from pg_available_extensions where name = 'vector'",
      ),
    )
      .toBe("true");
  });

  test("wants the password", async () => {
    const wrong = new URL(server.url("postgres"));
    wrong.password = "wrong";
    await expect(checkGiven(wrong.href)).rejects.toThrow(/cannot be used: password/);
  });

  test("that was killed starts again, whatever process has its number now, and keeps its data", async () => {
    const { folder } = server.cluster;
    await ask("create table survivor as select 42 as value");
    await ask("checkpoint");
    const pid = runningPid(folder) ?? 0;
    process.kill(pid, "SIGKILL");
    while (runningPid(folder) !== undefined) await new Promise((go) => setTimeout(go, 20));
    // As after a restart of the machine: the number in the file is somebody else's.
    writeFileSync(join(folder, "data", "postmaster.pid"), `${process.pid}\n`);
    expect(runningPid(folder)).toBeUndefined();
    // Its children need a moment to notice, and hold the shared memory until then.
    await new Promise((go) => setTimeout(go, 1000));
    await server.start();
    expect(await ask("select value from survivor")).toBe("42");
  });

  test("on a port that is taken does not start, and says what to do", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await expect(openThrowaway({ port })).rejects.toThrow(
      new RegExp(`^Port ${port} is taken by another program\\..*--port <number>$`),
    );
    other.close();
  });
});

describe("a machine that lacks something", () => {
  const bare = { major: 15, bin: "/bare/bin", share: "/bare/share", lib: "/bare/lib" };

  test("is told what, how to install it, and how to do without", async () => {
    const missing = missingExtensions(bare);
    expect(missing.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["vector", "pg_cron", "pgtap", "plpgsql_check", "wal2json", "citext"]),
    );
    const text = await instructions(bare, missing);
    expect(text).toMatch(
      /^PostgreSQL 15 \(\/bare\/bin\) lacks: .*vector \(pgvector\) 0\.7 or newer/,
    );
    expect(text).toMatch(/npm run postgres -- install|^Install /m);
    expect(text).toMatch(/Or set DATABASE_URL to a server that has all of it\.$/);
    expect(text.split("\n").length).toBeLessThanOrEqual(5);
  });

  test("without any PostgreSQL is told so first", async () => {
    expect(await instructions(undefined, extensions))
      .toMatch(/^There is no PostgreSQL 15 or newer on this machine\.\n/);
  });

  test("compares versions by their numbers", () => {
    expect(isOlder("0.8.0", "0.7")).toBe(false);
    expect(isOlder("0.10.1", "0.7")).toBe(false);
    expect(isOlder("0.6.2", "0.7")).toBe(true);
    expect(isOlder("1.4-1", "1.4")).toBe(false);
  });
});

describe("DATABASE_URL", () => {
  const refusals: [string, RegExp][] = [
    ["nonsense", /is no postgresql:\/\/user:password@host:port\/database/],
    ["https://example.com/x", /is no postgresql:\/\//],
    ["postgresql://postgres@127.0.0.1:1/x", /127\.0\.0\.1:1\/x\) cannot be used: .*ECONNREFUSED/],
  ];
  for (const [url, refusal] of refusals) {
    test(`${url} is refused in one line`, async () => {
      await expect(checkGiven(url)).rejects.toThrow(refusal);
    });
  }

  test("of a user who may not make roles is refused", async () => {
    const sql = postgres(urlFrom("TEMPLATE"), { max: 1 });
    const name = `race_nobody_${process.pid}`;
    try {
      await sql.unsafe(`create role ${name} login password 'secret'`);
      const url = new URL(urlFrom("TEMPLATE"));
      [url.username, url.password] = [name, "secret"];
      await expect(checkGiven(url.href)).rejects.toThrow(/is no superuser/);
    } finally {
      await sql.unsafe(`drop role if exists ${name}`);
      await sql.end();
    }
  });
});

describe("npm run postgres", () => {
  const cli = (args: string[], env: Record<string, string> = {}) =>
    run(process.execPath, [join(root, "scripts", "postgres", "cli.ts"), ...args], { env });

  const mistakes: [string[], RegExp][] = [
    [[], /^npm run postgres -- start/],
    [["toString"], /^npm run postgres -- start/],
    [["start", "--port", "many"], /^--port takes a number from 1 to 65535, not "many"\.$/],
    [["stop", "--now"], /Unknown option '--now'/],
  ];
  for (const [args, answer] of mistakes) {
    test(`${args.join(" ") || "without a word"} says how it is used, and fails`, async () => {
      const { ok, output } = await cli(args, { DATABASE_URL: "" });
      expect(output).toMatch(answer);
      expect(ok).toBe(false);
    });
  }

  test("leaves a server that DATABASE_URL names alone", async () => {
    const env = { DATABASE_URL: urlFrom("TEMPLATE") };
    for (const verb of ["stop", "reset"]) {
      const { ok, output } = await cli([verb], env);
      expect(output).toMatch(new RegExp(`not this project's to ${verb}\\.$`));
      expect(ok).toBe(false);
    }
    const { ok, output } = await cli(["start"], env);
    expect(output).toMatch(/^PostgreSQL \d+.* of DATABASE_URL is fit for the project\.$/);
    expect(ok).toBe(true);
  });
});
