// Findings that are deliberate, each with its reason (exceptions.json). An exception that nothing needs
// any more is a finding itself.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Exception {
  /** The name of the lint. */
  lint: string;
  /** What it is about, as the lint names it; `*` stands for any text. */
  about: string;
  reason: string;
}

/** One sentence of a lint, about one thing. */
export interface LintFinding {
  lint: string;
  about: string;
  text: string;
}

/** Those of the advisors, or those of the linter of plpgsql, whose names begin with it. */
export const readExceptions = (of: "advisors" | "plpgsql"): Exception[] => {
  const all = JSON.parse(
    readFileSync(join(import.meta.dirname, "exceptions.json"), "utf8"),
  ) as Exception[];
  return all.filter(({ lint }) => lint.startsWith("plpgsql:") === (of === "plpgsql"));
};

function covers({ lint, about }: Exception, finding: LintFinding): boolean {
  const pattern = about.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return lint === finding.lint && new RegExp(`^${pattern.join(".*")}$`).test(finding.about);
}

export interface Judged {
  /** What nobody has allowed, and what allows nothing. */
  problems: string[];
  allowed: number;
}

export function judge(findings: LintFinding[], exceptions: Exception[]): Judged {
  const open = findings.filter((finding) => !exceptions.some((e) => covers(e, finding)));
  const idle = exceptions.filter((e) => !findings.some((finding) => covers(e, finding)));
  const unreasoned = exceptions.filter(({ reason }) => !reason?.trim());
  return {
    problems: [
      ...open.map(({ lint, text }) => `${lint}: ${text}`),
      ...idle.map(({ lint, about }) => `exceptions.json: ${lint} ${about}: nothing needs it`),
      ...unreasoned.map(({ lint, about }) => `exceptions.json: ${lint} ${about}: has no reason`),
    ],
    allowed: findings.length - open.length,
  };
}
