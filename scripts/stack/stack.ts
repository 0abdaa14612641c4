// The local stand-in for a hosted Supabase project: everything behind one port, in one process (and
// one Deno beside it). See scripts/README.md.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { App } from "@supabase/lite";
import { readConfig } from "./config.ts";
import type { Progress } from "./database.ts";
import type { Engine, Row } from "./engine.ts";
import { startFunctions } from "./functions.ts";
import { foldersOf, functionsEnv, hostsOf, isRoutine } from "./functions-env.ts";
import { openGateway, type Routes, type Service } from "./gateway.ts";
import { startRunner } from "./jobs.ts";
import { loadKeys } from "./keys.ts";
import { createLite, type Mail } from "./lite.ts";
import { lockFolder } from "./lock.ts";
import { openDatabase } from "./open-database.ts";
import { defaultDataFolder, root } from "./paths.ts";
import { startOcrWorker } from "./ocr-worker.ts";
import { openRealtime } from "./realtime/server.ts";
import { narrowToSchema } from "./rest-schema.ts";
import { authService, guardFunctions, restService } from "./services.ts";
import { readSources } from "./sources.ts";
import { fileStorage } from "./storage-files.ts";
import { storageService } from "./storage-service.ts";

export interface StackOptions {
  /** 0 takes a free one. */
  port?: number;
  /** "memory" or a folder. */
  data?: string;
  /** A native Postgres instead of the embedded one. */
  databaseUrl?: string;
  /** How many calls to process-jobs may run at once; 0 switches the runner off. */
  workers?: number;
  /** Starts an OCR worker beside the stack. */
  ocr?: boolean;
  seed?: boolean;
  /** Schemas to expose besides those of supabase/config.toml. */
  alsoExpose?: string[];
  /** Another folder of migrations than the project's. */
  migrations?: string;
  /** Another folder of functions than the project's. */
  functions?: string;
  /** For the functions, over what the environment and .env say. */
  env?: Record<string, string>;
  /** Starts the functions anew when their code changes. */
  watch?: boolean;
  /** Shows every line that the functions log, the routine ones too. */
  verbose?: boolean;
  /** Says nothing, not even what the functions print. */
  quiet?: boolean;
  progress?: Progress;
}

export interface Stack {
  url: string;
  publishableKey: string;
  secretKey: string;
  /** With which OCR workers sign what they deliver. */
  ocrSecret: string;
  databaseUrl?: string;
  /** Runs a statement as the superuser. */
  sql<T extends object = Row>(text: string, params?: unknown[]): Promise<T[]>;
  engine: Engine;
  /** Mails that Auth would have sent, the newest last. */
  mails: Mail[];
  stop(): Promise<void>;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const progress: Progress = options.quiet ? () => {} : options.progress ?? (() => {});
  const data = options.data ?? defaultDataFolder;
  const folder = data === "memory" ? undefined : data;
  // What has to be undone, the newest first: also when the start fails half-way.
  const undo: (() => unknown)[] = [];
  const stop = once(async () => {
    for (const step of undo.reverse()) await step();
  });

  try {
    const config = readConfig();
    config.schemas.push(...options.alsoExpose ?? []);
    const sources = readSources(config, options.migrations);
    let announce: (url: string) => void = () => {};
    if (folder) {
      const lock = lockFolder(folder);
      undo.push(lock.release);
      announce = lock.announce;
    }
    const keys = loadKeys(folder && join(folder, "keys.json"));
    const files = folder ? join(folder, "storage") : mkdtempSync(join(tmpdir(), "lyceum-"));
    if (!folder) undo.push(() => rmSync(files, { recursive: true, force: true }));

    const routes: Routes = { services: new Map() };
    const gateway = await openGateway(options.port ?? 54321, routes);
    undo.push(() => gateway.close());
    const env = functionsEnv(gateway.url, keys, options.env ?? {});
    const onLog = (line: string) => {
      if (options.quiet || !options.verbose && isRoutine(line)) return;
      console.error(`[functions] ${line}`);
    };
    const functions = startFunctions({
      folder: resolve(root, options.functions ?? "functions"),
      env,
      hosts: hostsOf(env),
      folders: foldersOf(env),
      onLog,
      watch: options.watch ?? false,
    });
    undo.push(() => functions.close());

    const mails: Mail[] = [];
    const createApp = (engine: Engine): App =>
      createLite({
        engine,
        config,
        keys,
        url: gateway.url,
        storage: fileStorage(files),
        onMail: (mail) => {
          mails.push(mail);
          progress(`Mail to ${mail.to}: ${mail.subject}\n${mail.text}`);
        },
      });
    const { engine, app } = await openDatabase({
      folder,
      databaseUrl: options.databaseUrl,
      seed: options.seed ?? true,
      config,
      sources,
      progress,
      createApp,
    });
    undo.push(() => engine.close());
    progress("Starting the services");
    await app.init();
    await engine.connection.introspect();
    narrowToSchema(engine.connection);
    const realtime = await openRealtime(engine, keys);
    undo.push(() => realtime.close());
    const lite: Service = (request) => app.fetch(request);
    routes.services
      .set("rest", restService(app, config))
      .set("auth", authService(app, engine, keys, () => gateway.url))
      .set("storage", storageService(lite, engine, keys.jwtSecret))
      .set("realtime", realtime.serve);
    routes.upgrade = realtime.upgrade;
    routes.functions = guardFunctions(functions, config, keys);

    const workers = options.workers ?? 2;
    if (workers > 0) {
      const { url } = gateway;
      undo.push(await startRunner({ engine, url, secretKey: keys.secretKey, workers, onLog }));
    }

    const ocrSecret = env.OCR_CALLBACK_SECRET ?? "";
    if (options.ocr) {
      const onOcrLog = (line: string) => options.verbose && console.error(`[ocr] ${line}`);
      const { url } = gateway;
      undo.push(
        startOcrWorker({ url, secretKey: keys.secretKey, secret: ocrSecret, onLog: onOcrLog }),
      );
    }

    announce(gateway.url);
    return {
      url: gateway.url,
      publishableKey: keys.publishableKey,
      secretKey: keys.secretKey,
      ocrSecret,
      databaseUrl: options.databaseUrl,
      sql: (text, params) => engine.query(text, params),
      engine,
      mails,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => running ??= work();
}
