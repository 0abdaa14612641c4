// What must not be in the repository, whatever the file: places that only one machine has.
import { checkLock } from "./lock.ts";
import { type Finding, lineAt, type SourceFile } from "./tools.ts";

interface Rule {
  pattern: RegExp;
  message: string;
  /** Files for which a match is no finding. */
  allows?(path: string, match: string): boolean;
}

const rules: Rule[] = [
  {
    // An absolute path into somebody's folders; URLs have a host before the slash.
    pattern: /(?<![\w.~/}-])\/(?:home|Users|root|work|workspace|tmp|mnt|var\/folders)\/[\w.-]+/g,
    message: "names a place that only one machine has",
  },
  {
    pattern: /(?<![\w/])(?:\.\.\/)+shared\/[\w-]+/g,
    message: "names a folder outside the repository",
    // Test data that may not be copied here: tests and scripts read it where it is, and say so where it is not.
    allows: (path, match) =>
      /^(tests|scripts)\//.test(path) && /shared\/(timetables|retrieval)$/.test(match),
  },
  {
    pattern: /https?:\/\/[\w.-]*\b(?:registry|artifactory|nexus|verdaccio|mirror|pypi)\b[\w.:-]*/g,
    message: "names the host of a registry",
  },
];

export function checkRepository(files: SourceFile[]): Finding[] {
  return files.flatMap((file) => [
    ...(file.path.endsWith("package-lock.json") ? checkLock(file) : []),
    ...rules.flatMap(({ pattern, message, allows }) =>
      [...file.text.matchAll(pattern)].filter((match) => !allows?.(file.path, match[0])).map((
        match,
      ) => ({
        path: file.path,
        line: lineAt(file.text, match.index),
        message: `${match[0]} ${message}`,
      }))
    ),
  ]);
}
