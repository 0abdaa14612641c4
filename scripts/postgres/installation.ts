// Which PostgreSQL this machine has, and what it lacks of what the project asks for.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const oldestMajor = 15;

export interface Extension {
  name: string;
  /** The package of Debian and Ubuntu that brings it, without its `postgresql-<major>-`. */
  package: string | undefined;
  /** The oldest version that will do, where one matters. */
  atLeast?: string;
  /** An output plugin has a library and nothing to create. */
  isPlugin?: boolean;
  /** The project's own SQL needs it; the others serve tests, checks and schedules. */
  isEssential?: boolean;
}

/** No package: it belongs to the server's own. */
export const extensions: Extension[] = [
  { name: "btree_gist", package: undefined, isEssential: true },
  { name: "citext", package: undefined, isEssential: true },
  { name: "pg_trgm", package: undefined, isEssential: true },
  { name: "pgcrypto", package: undefined, isEssential: true },
  { name: "unaccent", package: undefined, isEssential: true },
  { name: "uuid-ossp", package: undefined, isEssential: true },
  // 0.7 brought halfvec.
  { name: "vector", package: "pgvector", atLeast: "0.7", isEssential: true },
  { name: "pg_stat_statements", package: undefined },
  { name: "pg_cron", package: "cron" },
  { name: "pgtap", package: "pgtap" },
  { name: "plpgsql_check", package: "plpgsql-check" },
  { name: "wal2json", package: "wal2json", isPlugin: true },
];

export interface Installation {
  major: number;
  bin: string;
  share: string;
  lib: string;
}

const debianRoot = "/usr/lib/postgresql";

export const debianInstallation = (major: number): Installation => ({
  major,
  bin: join(debianRoot, String(major), "bin"),
  share: `/usr/share/postgresql/${major}`,
  lib: join(debianRoot, String(major), "lib"),
});

/** The server programs of this machine: the oldest that will do, as the SQL must run on that one. */
export function findInstallation(): Installation | undefined {
  const majors = existsSync(debianRoot) ? readdirSync(debianRoot).map(Number) : [];
  const [major] = majors.filter((major) => major >= oldestMajor).sort((a, b) => a - b)
    .filter((major) => existsSync(join(debianInstallation(major).bin, "initdb")));
  if (major !== undefined) return debianInstallation(major);

  const ask = (flag: string) => spawnSync("pg_config", [flag]).stdout?.toString().trim() ?? "";
  const version = Number(/PostgreSQL (\d+)/.exec(ask("--version"))?.[1]);
  const bin = ask("--bindir");
  if (!(version >= oldestMajor) || !existsSync(join(bin, "initdb"))) return undefined;
  return { major: version, bin, share: ask("--sharedir"), lib: ask("--pkglibdir") };
}

export const isOlder = (version: string, than: string): boolean => {
  const [a, b] = [version, than].map((text) => text.split(".").map((part) => parseInt(part) || 0));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
};

function isThere({ share, lib }: Installation, extension: Extension): boolean {
  if (extension.isPlugin) {
    return ["so", "dylib"].some((end) => existsSync(join(lib, `${extension.name}.${end}`)));
  }
  const control = join(share, "extension", `${extension.name}.control`);
  if (!existsSync(control)) return false;
  const version = /^default_version\s*=\s*'([^']+)'/m.exec(readFileSync(control, "utf8"))?.[1];
  return !extension.atLeast || !isOlder(version ?? "0", extension.atLeast);
}

export const missingExtensions = (installation: Installation): Extension[] =>
  extensions.filter((extension) => !isThere(installation, extension));

export const spoken = ({ name, atLeast }: Extension): string =>
  (name === "vector" ? "vector (pgvector)" : name) + (atLeast ? ` ${atLeast} or newer` : "");
