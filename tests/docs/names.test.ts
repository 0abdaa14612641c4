// What the documentation names is there: links, npm scripts, files, and things of the database.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/stack/paths.ts";
import { sql } from "../setup/stack.ts";

const documents = globSync("**/*.md", {
  cwd: root,
  exclude: (name) => ["node_modules", ".stack", ".git"].includes(String(name)),
}).sort();
const read = (path: string) => readFileSync(join(root, path), "utf8");
const withoutBlocks = (text: string) => text.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, "");

/** The anchor that a heading gets. */
const anchor = (heading: string) =>
  heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
const anchors = (path: string) =>
  [...withoutBlocks(read(path)).matchAll(/^#{1,6} (.*)$/gm)].map((match) => anchor(match[1] ?? ""));

interface Link {
  from: string;
  target: string;
}

const links: Link[] = documents.flatMap((from) =>
  [...withoutBlocks(read(from)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => ({ from, target: match[1] ?? "" }))
    .filter(({ target }) => !/^[a-z]+:/.test(target))
);

function brokenLink({ from, target }: Link): string | undefined {
  const [path = "", fragment] = target.split("#");
  const file = path === "" ? from : normalize(join(dirname(from), path));
  if (!existsSync(join(root, file))) return `${from}: ${target} is not there`;
  if (fragment && !anchors(file).includes(fragment)) {
    return `${from}: ${target} has no such heading`;
  }
}

describe("documentation", () => {
  it("links to what is there", () => {
    expect(links.length).toBeGreaterThan(40);
    expect(links.map(brokenLink).filter((broken) => broken !== undefined)).toEqual([]);
    expect(brokenLink({ from: "README.md", target: "docs/no-such-page.md" })).toContain(
      "not there",
    );
    expect(brokenLink({ from: "README.md", target: "docs/qa.md#no-such-heading" })).toContain(
      "heading",
    );
  });

  it("names npm scripts that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = documents.flatMap((path) =>
      [...read(path).matchAll(/\bnpm (?:run ([a-z:]+)|(start|test))\b/g)]
        .map((match) => match[1] ?? match[2] ?? "")
    );
    expect(named).toContain("start");
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
  });

  it("names files of the project that there are", () => {
    const named = documents.flatMap((path) =>
      [
        ...withoutBlocks(read(path)).matchAll(
          /`((?:supabase|functions|scripts|sql|tests|docs|\.ci)\/[\w./-]+)`/g,
        ),
      ].map((match) => ({ path, file: match[1] ?? "" }))
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
  });
});

/** What follows a variable called `core` or `qa` in an example, and names of files. */
const notNames = new Set(["from", "rpc", "schema", "sql", "md", "ts"]);

describe("names of the database", () => {
  const known = new Set<string>();

  beforeAll(async () => {
    const rows = await sql<{ name: string }>(`
      with things as (
        select n.nspname, c.relname as name, c.oid from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v')
      )
      select format('%s.%s', t.nspname, t.name) as name from things t
      where t.nspname in ('core', 'ops', 'qa', 'private')
      union all
      select format('%s.%s', n.nspname, p.proname) from pg_catalog.pg_proc p
      join pg_catalog.pg_namespace n on n.oid = p.pronamespace where n.nspname in ('core', 'ops', 'qa', 'private')
      union all select key from core.settings
      union all select job_type from ops.job_types
      union all select name from ops.scheduled_tasks
      union all select name from ops.retention_policies
    `);
    for (const { name } of rows) known.add(name);
  });

  it("are all there", () => {
    // Settings that a project may add are named in the code only.
    const migrations = globSync("supabase/migrations/*.sql", { cwd: root }).map(read).join("\n");
    const isKnown = (name: string) => known.has(name) || migrations.includes(`'${name}'`);
    const named = documents.flatMap((path) =>
      [
        ...read(path).matchAll(
          /(?<![\w./-])(core|ops|qa|private)\.([a-z][a-z0-9_]*)(?![\w*/-]|\.(?:sql|md|ts)\b)/g,
        ),
      ]
        .filter((match) => !notNames.has(match[2] ?? ""))
        .map((match) => ({ path, name: `${match[1]}.${match[2]}` }))
    );
    expect(named.length).toBeGreaterThan(100);
    const unknown = named.filter(({ name }) => !isKnown(name));
    expect([...new Set(unknown.map(({ path, name }) => `${path}: ${name}`))]).toEqual([]);
  });

  it("have the values that the documentation gives", async () => {
    const settings = await sql<{ key: string; value: unknown }>(
      "select key, value from core.settings",
    );
    const given = documents.flatMap((path) =>
      [...read(path).matchAll(/^\| `([a-z_]+\.[a-z_.]+)` +\| `?([\d.]+|\[.*?\])`? +\|/gm)]
        .map((match) => ({ path, key: match[1], value: JSON.parse(match[2] ?? "") as unknown }))
    );
    expect(given.length).toBeGreaterThan(10);
    for (const { path, key, value } of given) {
      expect(settings.find((row) => row.key === key)?.value, `${path}: ${key}`).toEqual(value);
    }

    const policies = await sql<{ line: string }>(`
      select format('%s %s %s %s %s', priority, credits_cost, extract(epoch from deliver_within)::int,
        extract(epoch from claim_within)::int, extract(epoch from review_within)::int) as line
      from qa.sla_policies order by job_priority desc
    `);
    const seconds = (text = "") => {
      const [count = "", unit = ""] = text.trim().split(" ");
      return Number(count) * (unit.startsWith("hour") ? 3600 : 60);
    };
    const rows = [...read("docs/qa.md").matchAll(/^\| (low|normal|high|urgent) .*$/gm)]
      .map(([row]) => row.split("|").slice(1, -1).map((cell) => cell.trim()))
      .map(([priority, credits, ...times]) => [priority, credits, ...times.map(seconds)].join(" "));
    expect(rows).toEqual(policies.map(({ line }) => line));
  });
});
