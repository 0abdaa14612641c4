// Runs a pgTAP file on the embedded engine and reads what it says.
import { readFileSync } from "node:fs";
import { pgtap } from "@electric-sql/pglite/pgtap";
import { readConfig } from "../../scripts/stack/config.ts";
import type { EmbeddedEngine } from "../../scripts/stack/engine-embedded.ts";
import { loadKeys } from "../../scripts/stack/keys.ts";
import { createLite } from "../../scripts/stack/lite.ts";
import { openDatabase } from "../../scripts/stack/open-database.ts";
import { type Migration, readSources } from "../../scripts/stack/sources.ts";
import { fileStorage } from "../../scripts/stack/storage-files.ts";

export interface TapReport {
  planned: number | undefined;
  /** Numbers of the assertions that ran, in order. */
  ran: number[];
  /** Each failed assertion with what pgTAP says of it. */
  failures: string[];
}

/** The project's schema (or that of some of its migrations) without its seed, and pgTAP. */
export async function openTapDatabase(
  only: (migration: Migration) => boolean = () => true,
): Promise<EmbeddedEngine> {
  const config = readConfig();
  const keys = loadKeys(undefined);
  const sources = readSources(config);
  const { engine } = await openDatabase({
    folder: undefined,
    databaseUrl: undefined,
    seed: false,
    config,
    sources: { ...sources, migrations: sources.migrations.filter(only) },
    createApp: (engine) =>
      createLite({
        engine,
        config,
        keys,
        url: "http://127.0.0.1",
        storage: fileStorage(".stack/no-files"),
        onMail: () => {},
      }),
    progress: () => {},
    extensions: { pgtap },
  });
  await engine.exec("create extension if not exists pgtap with schema extensions");
  return engine as EmbeddedEngine;
}

export function readTap(lines: string[]): TapReport {
  const report: TapReport = { planned: undefined, ran: [], failures: [] };
  let failing = false;
  for (const line of lines) {
    const plan = /^1\.\.(\d+)/.exec(line);
    const result = /^(not )?ok (\d+)(.*)$/.exec(line);
    if (plan) report.planned = Number(plan[1]);
    else if (result) {
      report.ran.push(Number(result[2]));
      failing = result[1] !== undefined && !/# (TODO|SKIP)/i.test(result[3] ?? "");
      if (failing) report.failures.push(line);
    } else if (failing && line.startsWith("#")) {
      report.failures.push(`${report.failures.pop() ?? ""}\n    ${line}`);
    }
  }
  return report;
}

/** Whatever the file left behind is rolled back: the next one starts from the same database. */
export async function runTapFile(engine: EmbeddedEngine, path: string): Promise<TapReport> {
  const text = readFileSync(path, "utf8");
  try {
    const results = await engine.pg.exec(text);
    const values = results.flatMap(({ rows }) => rows.flatMap((row) => Object.values(row)));
    return readTap(
      values.filter((value) => typeof value === "string").flatMap((v) => v.split("\n")),
    );
  } catch (error) {
    const { message, detail, where, position } = error as
      & Error
      & Record<string, string | undefined>;
    const line = position ? `:${text.slice(0, Number(position)).split("\n").length}` : "";
    throw new Error([`${path}${line}: ${message}`, detail, where].filter(Boolean).join("\n  "));
  } finally {
    await engine.exec("rollback");
    await engine.exec("discard all");
    await engine.exec("set search_path = public, extensions; set timezone = 'UTC';");
  }
}
