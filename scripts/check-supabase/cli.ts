// npm run check:supabase: what the official Supabase CLI says of the project.
//
//   npm run check:supabase -- [check …]
//
// The checks of the database work on one that held nothing but sql/platform: the first of them pushes
// the migrations, as a deployment does. All run, whatever the ones before them said.
import type { Outcome } from "../check/tools.ts";
import {
  createDatabase,
  dropAbandoned,
  dropDatabase,
  prepareProject,
  runName,
} from "../postgres/databases.ts";
import { openServer } from "../postgres/open-server.ts";
import { PostgresError } from "../postgres/system.ts";
import { readConfig } from "../stack/config.ts";
import { StackError } from "../stack/database.ts";
import { advisors, lint, listMigrations, pushAll, pushNothing, types } from "./database.ts";
import { deployFunctions } from "./functions.ts";
import { exposeSchemas } from "./exposed.ts";

interface Check {
  name: string;
  about: string;
  run(url: string): Promise<Outcome>;
}

const push: Check = {
  name: "push",
  about: "db push: all migrations and seeds on an empty database",
  run: pushAll,
};

const checks: Check[] = [
  push,
  { name: "push-again", about: "db push: nothing is left to do", run: pushNothing },
  { name: "list", about: "migration list: local and remote agree", run: listMigrations },
  { name: "lint", about: "db lint: no finding", run: lint },
  { name: "advisors", about: "db advisors: no finding, info included", run: advisors },
  { name: "types", about: "gen types: equal to the committed ones", run: types },
  {
    name: "functions",
    about: "functions deploy: every import is uploaded",
    run: deployFunctions,
  },
];

function wantedChecks(names: string[]): Check[] {
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    const known = checks.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join("\n");
    throw new PostgresError(
      `There is no check named ${unknown.join(", ")}. These are there:\n${known}`,
    );
  }
  const wanted = checks.filter(({ name }) => names.length === 0 || names.includes(name));
  // All but the functions look at a database that has been pushed to.
  const needsPush = wanted.some(({ name }) => name !== "functions");
  return needsPush && !wanted.includes(push) ? [push, ...wanted] : wanted;
}

async function report({ name, about, run }: Check, url: string): Promise<boolean> {
  const started = Date.now();
  const { ok, output } = await run(url).catch((error: Error) => ({
    ok: false,
    output: error.message,
  }));
  const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(5);
  console.log(`${ok ? "ok    " : "FAILED"} ${name.padEnd(12)} ${seconds} s  ${about}`);
  if (output && (!ok || !output.includes("\n"))) console.log(output.replace(/^/gm, "         "));
  return ok;
}

async function main(): Promise<number> {
  const wanted = wantedChecks(process.argv.slice(2));
  const server = await openServer((text) => console.error(text));
  const database = runName("check");
  const url = server.url(database);
  try {
    await dropAbandoned(server.url("postgres"));
    await createDatabase(url, database);
    await prepareProject(url, { only: () => false });
    await exposeSchemas(url, readConfig().schemas);
    const failed: string[] = [];
    for (const check of wanted) if (!await report(check, url)) failed.push(check.name);
    console.log(failed.length === 0 ? "\nAll checks passed." : `\nFailed: ${failed.join(", ")}`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    await dropDatabase(url, database);
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
