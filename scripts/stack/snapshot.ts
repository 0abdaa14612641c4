// The cache of prepared databases. Making one takes PGlite 6 to 9 seconds, loading it 2 to 4.
//
// A snapshot is named after the hash of all that went into it, so it is never stale: other SQL or
// another version of the engine is another name. Only the newest few are kept.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, root } from "./paths.ts";
import { hashOf } from "./sources.ts";

const kept = 9;

function versions(): string {
  return ["@electric-sql/pglite", "@supabase/lite"].map((name) => {
    const manifest = readFileSync(join(root, "node_modules", name, "package.json"), "utf8");
    return `${name}@${(JSON.parse(manifest) as { version: string }).version}`;
  }).join(" ");
}

export const snapshotKey = (...parts: string[]): string =>
  hashOf(versions(), ...parts).slice(0, 24);

const fileOf = (key: string) => join(cacheFolder, `${key}.tar`);

export function loadSnapshot(key: string): Blob | undefined {
  const file = fileOf(key);
  if (!existsSync(file)) return undefined;
  try {
    const blob = new Blob([readFileSync(file)]);
    utimesSync(file, new Date(), new Date());
    return blob;
  } catch {
    return undefined; // another start has just cleaned up
  }
}

/** Written aside and renamed, so that a start beside this one never reads half a file. */
export async function saveSnapshot(key: string, dump: Blob): Promise<void> {
  mkdirSync(cacheFolder, { recursive: true });
  const aside = `${fileOf(key)}.${process.pid}`;
  writeFileSync(aside, new Uint8Array(await dump.arrayBuffer()));
  renameSync(aside, fileOf(key));
  const byAge = readdirSync(cacheFolder)
    .map((name) => join(cacheFolder, name))
    .map((path) => ({ path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.time - a.time);
  for (const { path } of byAge.slice(kept)) rmSync(path, { force: true });
}
