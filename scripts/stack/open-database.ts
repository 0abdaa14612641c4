// Opens a database that holds the project's schema and seed: from a snapshot where one fits.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Extension } from "@electric-sql/pglite";
import type { App } from "@supabase/lite";
import { makeBuckets, migrate, preparePlatform, type Progress, seed } from "./database.ts";
import type { Engine } from "./engine.ts";
import { openEmbedded } from "./engine-embedded.ts";
import { openNative, whileAlone } from "./engine-native.ts";
import type { StackConfig } from "./config.ts";
import { loadSnapshot, saveSnapshot, snapshotKey } from "./snapshot.ts";
import type { SqlFile, SqlSources } from "./sources.ts";

export interface OpenOptions {
  /** A folder for the files of the embedded engine, or nothing for memory. */
  folder: string | undefined;
  databaseUrl: string | undefined;
  seed: boolean;
  config: StackConfig;
  sources: SqlSources;
  createApp: (engine: Engine) => App;
  progress: Progress;
  /** More extensions for the embedded engine than the project uses. */
  extensions?: Record<string, Extension>;
}

export interface OpenDatabase {
  engine: Engine;
  app: App;
}

export async function openDatabase(options: OpenOptions): Promise<OpenDatabase> {
  const { sources, config, progress, createApp } = options;
  const bring = async (engine: Engine) => {
    const app = createApp(engine);
    await preparePlatform(engine, app, sources.platform);
    await migrate(engine, sources.migrations, progress);
    await makeBuckets(engine, config);
    if (options.seed) await seed(engine, sources.seeds, progress);
    await engine.connection.clearSchemaCache();
    return { engine, app };
  };

  if (options.databaseUrl) {
    progress("Connecting to the database");
    const { databaseUrl } = options;
    const engine = await openNative(databaseUrl);
    return await closeOnFailure(engine, () => whileAlone(databaseUrl, () => bring(engine)));
  }

  const folder = options.folder && join(options.folder, "pg");
  // Written last: a start that was killed before has left half a database, which nobody has used.
  const complete = options.folder && join(options.folder, "complete");
  if (folder && complete && existsSync(complete)) {
    progress("Opening the data");
    const engine = await openEmbedded({ folder, extensions: options.extensions });
    return await closeOnFailure(engine, bring);
  }
  if (folder) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }

  const database = await openPrepared(folder, options);
  if (complete) writeFileSync(complete, "");
  return database;
}

interface Stage {
  files: SqlFile[];
  prepare: (database: OpenDatabase) => Promise<unknown>;
}

/** A fresh database: loads the furthest stage that is in the cache and goes on from there. */
async function openPrepared(
  folder: string | undefined,
  options: OpenOptions,
): Promise<OpenDatabase> {
  const { sources, config, progress, createApp } = options;
  // Migrations change far more often than the platform below them, seeds more often than both.
  const stages: Stage[] = [
    {
      files: sources.platform,
      prepare: ({ engine, app }) => preparePlatform(engine, app, sources.platform),
    },
    {
      files: sources.migrations,
      prepare: ({ engine }) => migrate(engine, sources.migrations, progress),
    },
  ];
  if (options.seed && sources.seeds.length > 0) {
    stages.push({
      files: sources.seeds,
      prepare: async ({ engine }) => {
        await makeBuckets(engine, config);
        await seed(engine, sources.seeds, progress);
      },
    });
  }
  const keys = stages.map((_, index) =>
    snapshotKey(
      ...stages.slice(0, index + 1).flatMap(({ files }) => files).flatMap((f) => [f.path, f.hash]),
    )
  );
  const cached = keys.map(loadSnapshot);
  const done = cached.findLastIndex((snapshot) => snapshot !== undefined);
  progress(done < 0 ? "Making an empty database (a few seconds)" : "Loading a prepared database");
  const engine = await openEmbedded({
    folder,
    snapshot: cached[done],
    extensions: options.extensions,
  });
  return await closeOnFailure(engine, async () => {
    const database = { engine, app: createApp(engine) };
    for (const [index, { prepare }] of stages.entries()) {
      if (index <= done) continue;
      await prepare(database);
      await saveSnapshot(keys[index] ?? "", await engine.dump());
    }
    await makeBuckets(engine, config);
    await engine.connection.clearSchemaCache();
    return database;
  });
}

async function closeOnFailure<T>(engine: Engine, work: (engine: Engine) => Promise<T>): Promise<T> {
  try {
    return await work(engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
}
