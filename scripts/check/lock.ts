// What package-lock.json must be, so that `npm ci` takes it on any platform and from any registry.
import { type Finding, lineAt, type SourceFile } from "./tools.ts";

interface Lock {
  packages: Record<string, Record<"dependencies" | "optionalDependencies", object | undefined>>;
}

/** npm writes the host it happened to ask; without it the lock file works with any registry. */
function hosts({ path, text }: SourceFile): Finding[] {
  return [...text.matchAll(/^\s*"resolved":.*$/gm)].map(({ index }) => ({
    path,
    line: lineAt(text, index),
    message: "names the host of a registry: install with --omit-lockfile-registry-resolved",
  }));
}

/**
 * npm leaves the packages for other platforms out when it cannot fetch them, says nothing, and then
 * refuses its own lock file in every fresh clone.
 */
function missing({ path, text }: SourceFile): Finding[] {
  const { packages } = JSON.parse(text) as Lock;
  return Object.entries(packages).flatMap(([from, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !placesOf(name, from).some((place) => place in packages))
      .map((name) => ({ path, message: `lacks ${name}, which ${from || "the project"} asks for` }))
  );
}

/** Where Node looks for a package: in the asking package's folder, then in each one above. */
function placesOf(name: string, from: string): string[] {
  const above = from.lastIndexOf("/node_modules/");
  const places = [`${from}${from && "/"}node_modules/${name}`];
  if (from === "") return places;
  return [...places, ...placesOf(name, above < 0 ? "" : from.slice(0, above))];
}

export const checkLock = (file: SourceFile): Finding[] => [...hosts(file), ...missing(file)];
