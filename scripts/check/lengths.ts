// One idea a file. A file above its aim is told; one above its limit is a finding.
import type { Finding, SourceFile } from "./tools.ts";

const limits = [
  { files: /^functions\/_shared\/db\/types\.ts$|^sql\/seed\//, aim: Infinity, limit: Infinity },
  { files: /^functions\/[^/]+\/index\.ts$/, aim: 40, limit: 60 },
  { files: /^tests\/.*\.ts$/, aim: 250, limit: 400 },
  { files: /\.(ts|mjs)$/, aim: 200, limit: 300 },
  { files: /\.sql$/, aim: 250, limit: 500 },
];

export function checkLengths(files: SourceFile[]): { findings: Finding[]; notes: string[] } {
  const findings: Finding[] = [];
  const notes: string[] = [];
  for (const { path, text } of files) {
    const rule = limits.find(({ files }) => files.test(path));
    if (!rule) continue;
    const lines = text.split("\n").length - 1;
    if (lines > rule.limit) {
      findings.push({ path, message: `${lines} lines; the limit is ${rule.limit}` });
    } else if (lines > rule.aim) notes.push(`${path}: ${lines} lines, the aim is ${rule.aim}`);
  }
  return { findings, notes };
}
