// supabase/config.toml is read by the official CLI and by the local stack: both must understand it.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseToml, readConfig } from "../../../scripts/stack/config.ts";

const file = "supabase/config.toml";

/** The CLI reads the settings before it connects: to a port where nobody listens. */
function askCli(folder: string): string {
  const nowhere = "postgresql://x@127.0.0.1:1/x?sslmode=disable";
  const { stderr, stdout } = spawnSync(
    "node_modules/.bin/supabase",
    ["migration", "list", `--remote=${nowhere}`, "--workdir", folder],
    { encoding: "utf8", env: { ...process.env, DO_NOT_TRACK: "1" } },
  );
  return stdout + stderr;
}

describe("supabase/config.toml", () => {
  test("is accepted by the official CLI, without a warning", () => {
    const output = askCli(".");
    expect(output).toContain("failed to connect");
    expect(output).not.toMatch(/WARN|Invalid|deprecated/);
  });

  test("the CLI would say so if it were wrong", () => {
    const folder = mkdtempSync(join(tmpdir(), "lyceum-config-"));
    cpSync("supabase", join(folder, "supabase"), { recursive: true });
    const broken = readFileSync(file, "utf8").replace("max_rows = 1000", 'max_rows = "many"');
    writeFileSync(join(folder, file), broken);
    expect(askCli(folder)).toContain("Invalid api.max_rows");
    rmSync(folder, { recursive: true });
  });

  test("names every function, with an entry point and an import map that are there", () => {
    const tables = parseToml(readFileSync(file, "utf8"));
    const named = [...tables.keys()].filter((name) => name.startsWith("functions."));
    const folders = readdirSync("functions", { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"))
      .filter(({ name }) => existsSync(`functions/${name}/index.ts`));
    expect(named.sort()).toEqual(folders.map(({ name }) => `functions.${name}`).sort());
    for (const name of named) {
      for (const key of ["entrypoint", "import_map"]) {
        const path = tables.get(name)?.get(key);
        expect(existsSync(join("supabase", String(path))), `${name}.${key}`).toBe(true);
      }
    }
  });

  test("exposes neither private nor ops", () => {
    const { schemas } = readConfig();
    expect(schemas).toEqual(expect.arrayContaining(["core", "qa"]));
    for (const hidden of ["private", "ops", "auth", "storage", "realtime"]) {
      expect(schemas).not.toContain(hidden);
    }
  });

  test("what cannot be read is an error with its line", () => {
    expect(() => parseToml('[api]\nport = 1\nkey "no equals sign"')).toThrow("config.toml:3");
    expect(() => parseToml("a = yes")).toThrow("the value of a");
    const text = '# x\n[a.b]\nlist = [\n  "one", # first\n  "t#wo",\n]\non = true # yes\n';
    expect(Object.fromEntries(parseToml(text).get("a.b") ?? [])).toEqual({
      list: ["one", "t#wo"],
      on: true,
    });
  });
});
