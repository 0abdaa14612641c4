// The SQL that makes the database: which files, in which order, and their hashes.
import { createHash } from "node:crypto";
import { globSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import type { StackConfig } from "./config.ts";
import { root } from "./paths.ts";

export interface SqlFile {
  /** Relative to the project, with forward slashes. */
  path: string;
  text: string;
  hash: string;
}

export interface Migration extends SqlFile {
  version: string;
  name: string;
}

export interface SqlSources {
  platform: SqlFile[];
  migrations: Migration[];
  seeds: SqlFile[];
}

export const hashOf = (...parts: string[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
};

function load(path: string): SqlFile {
  const text = readFileSync(path, "utf8");
  return { path: relative(root, path).replaceAll("\\", "/"), text, hash: hashOf(text) };
}

function folder(path: string): SqlFile[] {
  const absolute = resolve(root, path);
  const files = readdirSync(absolute).filter((name) => name.endsWith(".sql")).sort();
  return files.map((name) => load(join(absolute, name)));
}

/** Tests bring migrations of their own; everything else takes the project's. */
export function readSources(config: StackConfig, migrations = "supabase/migrations"): SqlSources {
  const seeds = config.seedPaths.flatMap((pattern) =>
    globSync(join(root, "supabase", pattern)).sort()
  );
  return {
    platform: folder("sql/platform"),
    migrations: folder(migrations).flatMap((file) => {
      const match = /^(\d+)_(.+)\.sql$/.exec(basename(file.path));
      return match?.[1] && match[2] ? [{ ...file, version: match[1], name: match[2] }] : [];
    }),
    seeds: seeds.map(load),
  };
}
