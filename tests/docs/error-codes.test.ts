// docs/error-codes.md lists every code that the code raises, and nothing else.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../scripts/stack/paths.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const files = (pattern: string) => globSync(pattern, { cwd: root }).sort();

interface Raised {
  code: string;
  status: string;
  where: string;
}

/** `raise sqlstate 'PT409' using message = 'code'`, in migrations; comments hold none. */
export function raisedInSql(text: string, where: string): Raised[] {
  const bare = text.replace(/--[^\n]*/g, "");
  return [...bare.matchAll(/raise\s+sqlstate\s+'PT(\d{3})'\s+using\b([\s\S]*?);/gi)].map(
    (match) => {
      const message = /message\s*=\s*'([^']*)'(\s*\|\|\s*\w+)?/i.exec(match[2] ?? "");
      if (!message?.[1]) throw new Error(`${where}: cannot read the message of\n${match[0]}`);
      return { code: message[2] ? `${message[1]}*` : message[1], status: match[1] ?? "", where };
    },
  );
}

/** `fail(404, "code")` and the tables from which codes are taken, in functions. */
export function failedInTypeScript(text: string, where: string): Raised[] {
  const calls = [...text.matchAll(/\bfail\(\s*(\d{3}),\s*"([a-z0-9_]+)"/g)];
  const rows = [...text.matchAll(/\[(\d{3}),\s*"([a-z0-9]+(?:_[a-z0-9]+)+)",/g)];
  const unauthenticated = [
    ...text.matchAll(/^\s*[A-Z_]+: \["([a-z0-9]+(?:_[a-z0-9]+)+)",/gm),
  ].map((match) => ["", "401", match[1] ?? ""]);
  const refused = [...text.matchAll(/\bfail\(\s*status,[^;]*?"([a-z]+_[a-z_]+)"/g)]
    .map((match) => ["", "4xx", match[1] ?? ""]);
  return [...calls, ...rows, ...unauthenticated, ...refused].map(([, status, code]) => ({
    code: code ?? "",
    status: status ?? "",
    where,
  }));
}

interface Row {
  code: string;
  statuses: string[];
  section: string;
  cells: string[];
}

function listed(): Row[] {
  let section = "";
  return read("docs/error-codes.md").split("\n").flatMap((line) => {
    section = /^## (.*)$/.exec(line)?.[1] ?? section;
    const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
    const code = /^`([^`]+)`$/.exec(cells[0] ?? "")?.[1];
    if (!code) return [];
    return [{
      code,
      statuses: (cells[1] ?? "").split(",").map((status) => status.trim()),
      section,
      cells,
    }];
  });
}

const sql = files("supabase/migrations/*.sql").flatMap((path) => raisedInSql(read(path), path));
const typescript = files("functions/**/*.ts").flatMap((path) =>
  failedInTypeScript(read(path), path)
);
const raised = [...sql, ...typescript];
const rows = listed();
const foreign = "What Postgres, PostgREST and Auth say themselves";
const own = rows.filter(({ section }) => section !== foreign);

const matches = (row: Row, code: string) =>
  code.endsWith("*") ? row.code.startsWith(code.slice(0, -1)) : row.code === code;

describe("docs/error-codes.md", () => {
  it("reads the code at all", () => {
    expect(sql.length).toBeGreaterThan(80);
    expect(typescript.length).toBeGreaterThan(10);
    expect(own.length).toBeGreaterThan(60);
  });

  it("misses no raise of the migrations", () => {
    const raises = files("supabase/migrations/*.sql").map((path) =>
      read(path).replace(/--[^\n]*/g, "").match(/raise\s+sqlstate/gi)?.length ?? 0
    );
    expect(sql.length).toBe(raises.reduce((sum, count) => sum + count, 0));
  });

  it("lists every code with every status that it comes with", () => {
    const missing = raised.filter(({ code, status }) =>
      !own.some((row) => matches(row, code) && row.statuses.includes(status))
    );
    expect([...new Set(missing.map(({ code, status, where }) => `${code} ${status} (${where})`))])
      .toEqual([]);
  });

  it("lists no code and no status that nothing raises", () => {
    const stale = own.flatMap((row) =>
      row.statuses
        .filter((status) => !raised.some((one) => matches(row, one.code) && one.status === status))
        .map((status) => `${row.code} ${status}`)
    );
    expect(stale).toEqual([]);
  });

  it("lists each code once, in order, with a meaning and what to do", () => {
    const codes = own.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const section of new Set(own.map((row) => row.section))) {
      const inSection = own.filter((row) => row.section === section).map(({ code }) => code);
      expect(inSection).toEqual([...inSection].sort());
    }
    for (const row of rows) {
      expect(row.cells.length, row.code).toBe(4);
      expect(row.cells.every((cell) => cell.length > 0), row.code).toBe(true);
    }
  });
});

describe("the reader of codes", () => {
  it("finds what is there and refuses what it cannot read", () => {
    expect(raisedInSql("raise sqlstate 'PT409' using\n  message = 'a_b', detail = 'x; y';", "t"))
      .toEqual([
        { code: "a_b", status: "409", where: "t" },
      ]);
    expect(() => raisedInSql("raise sqlstate 'PT409' using detail = 'x';", "t")).toThrow(
      /cannot read/,
    );
    expect(failedInTypeScript('return fail(413, "payload_too_large");', "t")).toEqual([
      { code: "payload_too_large", status: "413", where: "t" },
    ]);
  });
});
