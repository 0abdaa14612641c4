// What `supabase functions deploy --use-api` would upload holds all that each function imports, with
// the content that it has here.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { deno, type Outcome } from "../check/tools.ts";
import { run } from "../postgres/system.ts";
import { root } from "../stack/paths.ts";
import { openManagementApi, projectRef, type Upload } from "./management-api.ts";
import { supabase } from "./supabase.ts";

const folder = join(root, "functions");

/** Each folder with an index.ts; those that begin with _ are what functions share. */
const functionNames = (): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^[_.]/.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => existsSync(join(folder, name, "index.ts"))).sort();

export async function deployFunctions(): Promise<Outcome> {
  const api = await openManagementApi();
  const home = mkdtempSync(join(tmpdir(), "lyceum-cli-"));
  try {
    const profile = join(home, "profile.json");
    writeFileSync(
      profile,
      JSON.stringify({
        name: "loopback",
        api_url: api.url,
        dashboard_url: api.url,
        project_host: "localhost",
      }),
    );
    const { ok, output } = await supabase([
      "functions",
      "deploy",
      "--yes",
      "--use-api",
      "--profile",
      profile,
      `--remote=${projectRef}`,
    ], {
      // The CLI wants one that looks real; the server above takes any.
      SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}`,
      SUPABASE_HOME: home,
      SUPABASE_NO_KEYRING: "1",
    });
    if (!ok) return { ok, output };
    const problems = [
      ...api.strange.map((request) => `the CLI asked for ${request}`),
      ...await compare(api.uploads),
    ];
    const counts = api.uploads.map(({ slug, files }) => `${slug} (${files.size} files)`);
    return {
      ok: problems.length === 0,
      output: problems.length === 0 ? counts.join(", ") : problems.join("\n"),
    };
  } finally {
    await api.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function compare(uploads: Upload[]): Promise<string[]> {
  const names = functionNames();
  const sent = uploads.map(({ slug }) => slug);
  return [
    ...names.filter((name) => !sent.includes(name)).map((name) =>
      `${name} is not deployed: supabase/config.toml does not name it`
    ),
    ...sent.filter((name) => !names.includes(name)).map((name) => `${name} has no folder`),
    ...(await Promise.all(uploads.map(compareOne))).flat(),
  ];
}

async function compareOne({ slug, files, metadata }: Upload): Promise<string[]> {
  const entry = `functions/${slug}/index.ts`;
  const settings = [
    metadata.entrypoint_path !== entry && `${slug}: its entrypoint is ${metadata.entrypoint_path}`,
    metadata.import_map_path !== "deno.json" &&
    `${slug}: its import map is ${metadata.import_map_path}`,
  ].filter((problem) => problem !== false);
  const needed = await importsOf(slug);
  const problems = ["deno.json", ...needed.files].flatMap((path) => {
    const there = files.get(path);
    if (there === undefined) return [`${slug}: ${path} is imported, and is not uploaded`];
    return there === readFileSync(join(root, path), "utf8")
      ? []
      : [`${slug}: ${path} is uploaded with other content`];
  });
  const { imports = {} } = JSON.parse(files.get("deno.json") ?? "{}") as {
    imports?: Record<string, string>;
  };
  // What is no file comes from a registry there, in the version that the import map names.
  const unknown = needed.packages.filter((name) => !/^(npm|jsr):.+@\d/.test(imports[name] ?? name));
  return [
    ...settings,
    ...problems,
    ...unknown.map((name) => `${slug}: ${name} is imported, and deno.json names no version of it`),
  ];
}

interface ModuleGraph {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: { specifier: string; type?: unknown; code?: unknown }[];
  }[];
}

const isLocal = (specifier: string): boolean =>
  specifier.startsWith("file:") && !specifier.includes("/node_modules/");

/** All that the function reaches, as Deno finds it: dynamic imports too, types not. */
async function importsOf(name: string): Promise<{ files: string[]; packages: string[] }> {
  const { ok, stdout, output } = await run(deno, [
    "info",
    "--json",
    join("functions", name, "index.ts"),
  ], { cwd: root, env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" } });
  if (!ok) throw new Error(`deno info of ${name} failed:\n${output}`);
  const modules = (JSON.parse(stdout) as ModuleGraph).modules
    .filter(({ specifier }) => isLocal(specifier));
  const broken = modules.filter(({ error }) => error).map(({ error }) => error);
  if (broken.length > 0) throw new Error(`${name}: ${broken.join("\n")}`);
  const named = modules.flatMap(({ dependencies = [] }) =>
    dependencies.filter(({ code }) => code !== undefined).map(({ specifier }) => specifier)
  );
  const packages = named.filter((specifier) => !/^(\.{0,2}\/|file:|node:)/.test(specifier));
  return {
    files: modules.map(({ specifier }) =>
      relative(root, fileURLToPath(specifier)).replaceAll("\\", "/")
    ),
    packages: [...new Set(packages)],
  };
}
