// npm run test:postgres: the tests that need a server, or that should hold on one too.
//
//   npm run test:postgres -- [arguments of vitest]      default: tests/e2e tests/postgres
//
// Each run makes databases of its own and drops them. The tests are told of them by environment:
// LYCEUM_TEST_DATABASE_URL (of the stack), LYCEUM_TEST_TEMPLATE_URL (to copy, never to change) and
// LYCEUM_TEST_EMPTY_URL (the same without seed).
import { spawn } from "node:child_process";
import { join } from "node:path";
import { StackError } from "../stack/database.ts";
import { root } from "../stack/paths.ts";
import {
  createDatabase,
  dropAbandoned,
  dropDatabase,
  prepareProject,
  runName,
} from "./databases.ts";
import { type OpenServer, openServer } from "./open-server.ts";
import { PostgresError } from "./system.ts";

const started = Date.now();
const say = (text: string) =>
  console.error(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}`);

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const everything = ["tests/e2e", "tests/postgres"];

interface Databases {
  empty: string;
  template: string;
  stack: string;
}

async function prepare(server: OpenServer, names: Databases): Promise<void> {
  await dropAbandoned(server.url("postgres"));
  say("Migrating an empty database");
  await createDatabase(server.url("postgres"), names.empty);
  await prepareProject(server.url(names.empty));
  say("Loading the seed");
  await createDatabase(server.url("postgres"), names.template, names.empty);
  await prepareProject(server.url(names.template), { seed: true });
  await createDatabase(server.url("postgres"), names.stack, names.template);
}

/** Ends as vitest ends; a signal to this process is passed on to it. */
function runVitest(args: string[], env: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, [vitest, "run", ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  let isAsked = false;
  const stop = () => {
    // vitest may wait for ever for tests whose database is about to go.
    child.kill(isAsked ? "SIGKILL" : "SIGTERM");
    if (!isAsked) setTimeout(() => child.kill("SIGKILL"), 5000).unref();
    isAsked = true;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  process.on("disconnect", stop);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

async function main(): Promise<number> {
  const server = await openServer(say);
  const names: Databases = {
    empty: runName("empty"),
    template: runName("template"),
    stack: runName("stack"),
  };
  try {
    await prepare(server, names);
    say(`PostgreSQL ${server.version} is ready`);
    const args = process.argv.slice(2);
    const files = args.some((arg) => !arg.startsWith("-")) ? [] : everything;
    return await runVitest([...files, ...args], {
      LYCEUM_TEST_DATABASE_URL: server.url(names.stack),
      LYCEUM_TEST_TEMPLATE_URL: server.url(names.template),
      LYCEUM_TEST_EMPTY_URL: server.url(names.empty),
    });
  } finally {
    for (const name of Object.values(names) as string[]) {
      await dropDatabase(server.url("postgres"), name);
    }
    await server.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const isTold = error instanceof PostgresError || error instanceof StackError;
  console.error(isTold ? error.message : error);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
