// Finds the examples of the documentation: fenced blocks that open with ```ts example=<name>.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/stack/paths.ts";

export interface Example {
  /** "quickstart.md" */
  page: string;
  name: string;
  code: string;
  /** Line of the page on which the code begins, from 1. */
  line: number;
}

const OPENING = /^```ts\s+example=(\S+)\s*$/;

export function readExamples(page: string, text: string): Example[] {
  const lines = text.split("\n");
  const examples: Example[] = [];
  // A longer fence shows blocks instead of being one.
  let shown = "";
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const fence = /^(`{4,})/.exec(line)?.[1];
    if (fence) shown = shown === "" ? fence : shown === fence ? "" : shown;
    const name = shown === "" ? OPENING.exec(line)?.[1] : undefined;
    if (!name) continue;
    const start = index + 1;
    while (index < lines.length && lines[index + 1] !== "```") index++;
    if (index === lines.length) throw new Error(`${page}: example ${name} does not end.`);
    const code = lines.slice(start, index + 1).join("\n");
    examples.push({ page, name, code, line: start + 1 });
  }
  return examples;
}

const docs = join(root, "docs");

export const pages = (): string[] =>
  readdirSync(docs).filter((name) => name.endsWith(".md")).sort();

export const pageText = (page: string): string => readFileSync(join(docs, page), "utf8");

export const allExamples = (): Example[] =>
  pages().flatMap((page) => readExamples(page, pageText(page)));
