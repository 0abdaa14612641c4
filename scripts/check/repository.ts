// What must not be in the repository, whatever the file: places that only one machine has.
import { checkLock } from "./lock.ts";
import { type Finding, lineAt, type SourceFile } from "./tools.ts";

interface Rule {
  pattern: RegExp;
  message: string;
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
  },
  {
    pattern: /https?:\/\/[\w.-]*\b(?:registry|artifactory|nexus|verdaccio|mirror|pypi)\b[\w.:-]*/g,
    message: "names the host of a registry",
  },
];

export function checkRepository(files: SourceFile[]): Finding[] {
  return files.flatMap((file) => [
    ...(file.path.endsWith("package-lock.json") ? checkLock(file) : []),
    ...rules.flatMap(({ pattern, message }) =>
      [...file.text.matchAll(pattern)].map((match) => ({
        path: file.path,
        line: lineAt(file.text, match.index),
        message: `${match[0]} ${message}`,
      }))
    ),
  ]);
}
