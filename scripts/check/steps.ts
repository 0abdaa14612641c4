// The checks of `npm run check`, in the order in which they fail fastest.
import { globSync } from "node:fs";
import { relative } from "node:path";
import { root } from "../stack/paths.ts";
import { findDrift } from "../types/drift.ts";
import { generateTypes } from "../types/generate.ts";
import { checkLengths } from "./lengths.ts";
import { checkRepository } from "./repository.ts";
import { checkSql } from "./sql-style.ts";
import { deno, type Finding, type Outcome, repositoryFiles, runTool, tsc } from "./tools.ts";

export interface Step {
  name: string;
  about: string;
  run(): Outcome | Promise<Outcome>;
}

/** Also outside the folders that deno.json names. */
const settings = ["deno.json", "tsconfig.json", "package.json"];

/** Written for Deno's own globals, so only Deno can judge them. */
const forDeno = ["functions/", "scripts/stack/functions-host.ts", "tests/fixtures/functions/"];

const report = (findings: Finding[], notes: string[] = []): Outcome => ({
  ok: findings.length === 0,
  output: [
    ...findings.map(({ path, line, message }) => `${path}${line ? `:${line}` : ""}: ${message}`),
    ...notes.map((note) => `(${note})`),
  ].join("\n"),
});

async function all(...runs: Promise<Outcome>[]): Promise<Outcome> {
  const outcomes = await Promise.all(runs);
  return {
    ok: outcomes.every(({ ok }) => ok),
    output: outcomes.filter(({ ok }) => !ok).map(({ output }) => output).join("\n\n"),
  };
}

/** Only which files: what to do about them is always the same. */
function unformatted(output: string): string {
  const files = [...output.matchAll(/^from (\S.*):$/gm)].map(([, file]) =>
    relative(root, file ?? "")
  );
  return files.length > 0 ? ["Run `npm run fmt`.", ...files].join("\n") : output;
}

export const steps: Step[] = [
  {
    name: "repository",
    about: "no machine's paths, no registry's hosts, a whole lock file",
    run: () => report(checkRepository(repositoryFiles())),
  },
  {
    name: "sql",
    about: "names, lower case, search_path, policies",
    run: () => report(checkSql(repositoryFiles())),
  },
  {
    name: "lengths",
    about: "one idea a file",
    run: () => {
      const { findings, notes } = checkLengths(repositoryFiles());
      return report(findings, notes);
    },
  },
  {
    name: "format",
    about: "deno fmt",
    run: async () => {
      const { ok, output } = await all(
        runTool(deno, ["fmt", "--check"]),
        runTool(deno, ["fmt", "--check", ...settings]),
      );
      return { ok, output: ok ? "" : unformatted(output) };
    },
  },
  { name: "lint", about: "deno lint", run: () => all(runTool(deno, ["lint"])) },
  {
    name: "typecheck",
    about: "tsc for scripts, tests and functions; deno check for functions",
    run: () =>
      all(
        runTool(process.execPath, [tsc, "-p", "."]),
        runTool(deno, [
          "check",
          "--quiet",
          "--cached-only",
          ...forDeno.filter((path) => globSync(path, { cwd: root }).length > 0),
        ]),
      ),
  },
  {
    name: "types",
    about: "functions/_shared/db/types.ts is what the migrations make",
    run: async () => {
      const drift = findDrift(await generateTypes());
      return { ok: drift.length === 0, output: ["Run `npm run types`.", ...drift].join("\n") };
    },
  },
];
