// pgvector for a distribution that has no package of it for its PostgreSQL (Debian 12): built from
// the source package of the next Debian.
//
// The list of that release is private to the build: apt's own sources and state stay as they are. The
// mirror is the one that this machine already uses. What was built is kept, for machines whose system
// folders are made anew while the project's stay.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { stackFolder } from "../stack/paths.ts";
import type { Installation } from "./installation.ts";
import { must, PostgresError, run } from "./system.ts";

const release = "trixie";
const cache = join(stackFolder, "postgres", "pgvector");
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

const builtFolder = (major: number): string => join(cache, `for-${major}-${process.arch}`);

export const cachedPgvector = (major: number): boolean => existsSync(builtFolder(major));

/** With pg_config, the compiler that it asks for, and its headers. */
export const buildTools = (major: number): string[] => [
  "gcc",
  "libc6-dev",
  "make",
  "xz-utils",
  `postgresql-server-dev-${major}`,
];

export async function buildPgvector(installation: Installation): Promise<void> {
  const work = join(cache, `work-${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const source = await fetchSource(work);
    const pgConfig = `PG_CONFIG=${join(installation.bin, "pg_config")}`;
    // The default is -march=native, and what is built here may be kept for another machine.
    const portable = "OPTFLAGS=";
    const jobs = `-j${cpus().length}`;
    await must("make of pgvector", "make", ["-C", source, jobs, pgConfig, portable]);
    const staged = join(work, "staged");
    await must("make install of pgvector", "make", [
      "-C",
      source,
      "install",
      pgConfig,
      portable,
      `DESTDIR=${staged}`,
    ]);
    rmSync(builtFolder(installation.major), { recursive: true, force: true });
    renameSync(staged, builtFolder(installation.major));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Copies what was built to where this PostgreSQL looks. */
export async function installPgvector(
  installation: Installation,
  root: string[],
): Promise<void> {
  const [program = "cp", ...args] = [...root, "cp", "-R", `${builtFolder(installation.major)}/.`];
  await must("Installing pgvector", program, [...args, "/"]);
}

async function fetchSource(work: string): Promise<string> {
  const list = join(work, "sources.list");
  const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : "";
  writeFileSync(list, `deb-src ${signed}${await mirror()} ${release} main\n`);
  const folders = { lists: join(work, "lists"), cache: join(work, "cache") };
  for (const folder of Object.values(folders)) {
    mkdirSync(join(folder, "partial"), { recursive: true });
  }
  const options = [
    `Dir::Etc::SourceList=${list}`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${folders.lists}`,
    `Dir::Cache=${folders.cache}`,
    // apt would drop to a user of its own, who may not write here.
    `APT::Sandbox::User=`,
  ].flatMap((option) => ["-o", option]);
  const apt = (what: string, args: string[]) =>
    must(what, "apt-get", ["-q", ...options, ...args], { cwd: work });
  await apt(`Reading the source packages of Debian ${release}`, ["update"]);
  await apt("Downloading pgvector", ["source", "--download-only", "pgvector"]);

  const archive = readdirSync(work).find((name) => /^pgvector_.*\.orig\.tar\.\w+$/.test(name));
  if (!archive) throw new PostgresError("The source package of pgvector holds no sources.");
  const source = join(work, "source");
  mkdirSync(source);
  await must("Unpacking pgvector", "tar", [
    "-xf",
    join(work, archive),
    "-C",
    source,
    "--strip-components=1",
  ]);
  return source;
}

/** Where apt gets this machine's Debian from. */
async function mirror(): Promise<string> {
  const { stdout } = await run("apt-get", [
    "indextargets",
    "--format",
    "$(ORIGIN)|$(CODENAME)|$(REPO_URI)",
    "Created-By: Packages",
  ]);
  const [, , uri] = stdout.split("\n").map((line) => line.split("|"))
    // The updates and the security fixes have places of their own, which hold no other release.
    .find(([origin, codename]) => origin === "Debian" && /^[a-z]+$/.test(codename ?? "")) ?? [];
  if (uri) return uri;
  throw new PostgresError(
    "apt has no mirror of Debian here to take pgvector's source package from. Install pgvector 0.7 " +
      "or newer by hand, or set DATABASE_URL to a server that has it.",
  );
}
