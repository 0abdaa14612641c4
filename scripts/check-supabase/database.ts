// The checks of the schema: what the official CLI says of a database that it filled itself.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "../check/tools.ts";
import { readConfig } from "../stack/config.ts";
import { root } from "../stack/paths.ts";
import { findDrift } from "../types/drift.ts";
import { formatTypes } from "../types/generate.ts";
import { judge, type LintFinding, readExceptions } from "./exceptions.ts";
import { readJson, remote, supabase } from "./supabase.ts";

const versions = (): string[] =>
  readdirSync(join(root, "supabase", "migrations"))
    .filter((name) => /^\d+_.*\.sql$/.test(name)).map((name) => name.split("_")[0] ?? "").sort();

const push = (url: string) => supabase(["db", "push", "--yes", "--include-seed", remote(url)]);

export async function pushAll(url: string): Promise<Outcome> {
  const { ok, output } = await push(url);
  const applied = output.match(/^Applying migration /gm)?.length ?? 0;
  const expected = versions().length;
  if (!ok || applied !== expected) {
    return { ok: false, output: `${applied} of ${expected} migrations were applied.\n${output}` };
  }
  const seeds = output.match(/^Seeding data from /gm)?.length ?? 0;
  if (seeds === 0) return { ok: false, output: `No seed was loaded.\n${output}` };
  return { ok: true, output: `${applied} migrations, ${seeds} seeds` };
}

export async function pushNothing(url: string): Promise<Outcome> {
  const { ok, output } = await push(url);
  const isIdle = /up to date/.test(output) && !/^(Applying|Seeding|Updating)/m.test(output);
  return { ok: ok && isIdle, output };
}

interface MigrationList {
  migrations?: { local?: string; remote?: string }[];
}

export async function listMigrations(url: string): Promise<Outcome> {
  const { ok, output } = await supabase([
    "migration",
    "list",
    "--output-format",
    "json",
    remote(url),
  ]);
  const list = readJson<MigrationList>(output, "{")?.migrations;
  if (!ok || !list) return { ok: false, output };
  const odd = list.filter(({ local, remote }) => !local || local !== remote);
  const listed = list.map(({ local }) => local ?? "").sort();
  const isWhole = JSON.stringify(listed) === JSON.stringify(versions());
  return {
    ok: odd.length === 0 && isWhole,
    output: odd.map(({ local, remote }) => `local ${local || "-"}, remote ${remote || "-"}`)
      .join("\n") || output,
  };
}

interface LintResult {
  function: string;
  issues: {
    level: string;
    message: string;
    detail?: string;
    statement?: { lineNumber?: string };
  }[];
}

export async function lint(url: string): Promise<Outcome> {
  const { ok, output } = await supabase([
    "db",
    "lint",
    "--level",
    "warning",
    "--fail-on",
    "warning",
    remote(url),
  ]);
  const results = readJson<LintResult[]>(output, "[") ?? [];
  if (!ok && results.length === 0) return { ok: false, output };
  const findings = results.flatMap(({ function: name, issues }) =>
    issues.map(({ level, message, detail, statement }) => ({
      lint: `plpgsql: ${message.split(/["(]/)[0]?.trim()}`,
      about: name,
      text: `${name}:${statement?.lineNumber ?? "?"} ${level}: ${message}${
        detail ? ` (${detail})` : ""
      }`,
    }))
  );
  const { problems } = judge(findings, readExceptions("plpgsql"));
  return { ok: problems.length === 0, output: problems.join("\n") };
}

interface Advice {
  name: string;
  level: string;
  detail: string;
  metadata?: { schema?: string; name?: string };
}

export async function advisors(url: string): Promise<Outcome> {
  const { ok, output } = await supabase([
    "db",
    "advisors",
    "--type",
    "all",
    "--level",
    "info",
    "--fail-on",
    "none",
    remote(url),
  ]);
  const advice = readJson<Advice[]>(output, "[");
  if (!ok || (!advice && !/no (issues|advisor)/i.test(output))) return { ok: false, output };
  const findings: LintFinding[] = (advice ?? []).map(({ name, level, detail, metadata }) => ({
    lint: name,
    about: [metadata?.schema, metadata?.name].filter(Boolean).join("."),
    text: `${level} ${detail}`,
  }));
  const { problems, allowed } = judge(findings, readExceptions("advisors"));
  return {
    ok: problems.length === 0,
    output: problems.length === 0 ? `${allowed} findings are deliberate` : problems.join("\n"),
  };
}

export async function types(url: string): Promise<Outcome> {
  const { ok, stdout, output } = await supabase([
    "gen",
    "types",
    "--query-timeout",
    "60s",
    ...readConfig().schemas.flatMap((schema) => ["--schema", schema]),
    remote(url),
  ]);
  if (!ok || !/export type Database\b/.test(stdout)) return { ok: false, output };
  const drift = findDrift(await formatTypes(stdout));
  return { ok: drift.length === 0, output: drift.join("\n") };
}
