// Installs what is missing with apt where this user may; otherwise says exactly what to install.
import {
  debianInstallation,
  type Extension,
  extensions,
  findInstallation,
  type Installation,
  missingExtensions,
  oldestMajor,
  spoken,
} from "./installation.ts";
import { buildPgvector, buildTools, cachedPgvector, installPgvector } from "./pgvector.ts";
import { has, must, PostgresError, rootPrefix, run, type Say } from "./system.ts";

/** A PostgreSQL with all that the project asks for. Changes nothing where it is there already. */
export async function ensureInstallation(say: Say): Promise<Installation> {
  const found = findInstallation();
  const missing = found ? missingExtensions(found) : extensions;
  if (found && missing.length === 0) return found;

  const root = has("apt-get") ? rootPrefix() : undefined;
  if (!root) throw new PostgresError(await instructions(found, missing));

  if (found && missing.every(({ name }) => name === "vector") && cachedPgvector(found.major)) {
    say("Installing pgvector, which was built before …");
    await installPgvector(found, root);
    return found;
  }

  const apt = [...root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"];
  say("Asking apt for the packages that are missing …");
  await command("apt-get update", [...apt, "update"]);
  const major = found?.major ?? await majorOfApt();
  const target = found ?? debianInstallation(major);
  const plan = await planOf(major, found, missing);
  say(`Installing ${plan.packages.join(", ")} …`);
  await command("apt-get install", [
    ...apt,
    "install",
    "--yes",
    "--no-install-recommends",
    ...plan.packages,
  ]);
  if (plan.build) {
    if (!cachedPgvector(major)) {
      say("Building pgvector from Debian's source package …");
      await buildPgvector(target);
    }
    await installPgvector(target, root);
  }

  const still = missingExtensions(target);
  if (still.length > 0) throw new PostgresError(await instructions(target, still));
  return target;
}

const command = (what: string, [program = "", ...args]: string[]): Promise<string> =>
  must(what, program, args);

interface Plan {
  packages: string[];
  /** pgvector is in no package for this server. */
  build: boolean;
}

async function planOf(
  major: number,
  found: Installation | undefined,
  missing: Extension[],
): Promise<Plan> {
  const named = missing.flatMap((extension) =>
    extension.package ? [`postgresql-${major}-${extension.package}`] : []
  );
  const pgvector = `postgresql-${major}-pgvector`;
  const build = named.includes(pgvector) && !await isOffered(pgvector);
  const packages = named.filter((name) => name !== pgvector || !build);
  if (!found || missing.some((extension) => extension.package === undefined)) {
    packages.unshift(`postgresql-${major}`);
  }
  if (build && !cachedPgvector(major)) packages.push(...buildTools(major));
  return { packages, build };
}

async function isOffered(name: string): Promise<boolean> {
  const { ok, stdout } = await run("apt-cache", ["policy", name]);
  return ok && /Candidate: (?!\(none\))\S/.test(stdout);
}

/** The release of PostgreSQL that this distribution has, from the version of its metapackage. */
async function majorOfApt(): Promise<number> {
  const { stdout } = await run("apt-cache", ["policy", "postgresql"]);
  const major = Number(/Candidate: (\d+)/.exec(stdout)?.[1]);
  if (major >= oldestMajor) return major;
  throw new PostgresError(
    `apt offers no PostgreSQL ${oldestMajor} or newer here. ` +
      "Set DATABASE_URL to a server of another machine, or add the repository of apt.postgresql.org.",
  );
}

/** One line on what is wrong, and exactly what to do about it. */
export async function instructions(
  found: Installation | undefined,
  missing: Extension[],
): Promise<string> {
  const what = found
    ? `PostgreSQL ${found.major} (${found.bin}) lacks: ${missing.map(spoken).join(", ")}.`
    : `There is no PostgreSQL ${oldestMajor} or newer on this machine.`;
  const instead = "Or set DATABASE_URL to a server that has all of it.";
  if (!has("apt-get")) {
    const wanted = missing.filter((extension) => extension.package).map(spoken);
    return `${what}\nInstall ${
      found ? "" : `PostgreSQL ${oldestMajor} or newer (with its contrib modules), `
    }${wanted.join(", ")}, with pg_config on the PATH. ${instead}`;
  }
  const major = found?.major ?? await majorOfApt();
  const { packages, build } = await planOf(major, found, missing);
  const lines = [
    what,
    "This user may not install it. Let root run: npm run postgres -- install",
    `or by hand: apt-get update && apt-get install --no-install-recommends ${packages.join(" ")}`,
  ];
  if (build) lines.push(`and pgvector from its source, with the pg_config of PostgreSQL ${major}.`);
  return [...lines, instead].join("\n");
}
