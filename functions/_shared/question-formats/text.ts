// Text as it comes and goes. What the database keeps has plain line ends and no control characters.

import type { Explanation, Reference } from "./types.ts";

/** UTF-8 with or without its mark; null when it is something else. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text.replace(/\r\n?/g, "\n");
  } catch {
    return null;
  }
}

/** As the database trims: other kinds of space are text. In one pass, however long. */
export function trimText(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && " \t\n".includes(text.charAt(start))) start += 1;
  while (end > start && " \t\n".includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const LINK = /^\[([\s\S]*)\]\((\S*)\)$/;
const LOOKS_LIKE_LINK = /^\\*\[[\s\S]*\]\(\S*\)$/;
/** Longer ones are refused later on, and no expression should have to look at them. */
const LONGEST_LINK = 4000;
const looksLikeLink = (text: string): boolean =>
  text.length <= LONGEST_LINK && LOOKS_LIKE_LINK.test(text);

/** A text, or [title](address) as Markdown has it. A text that looks so begins with a backslash. */
export function writeReference(reference: Reference): string {
  if (typeof reference !== "string") return `[${reference.title}](${reference.url ?? ""})`;
  return looksLikeLink(reference) ? `\\${reference}` : reference;
}

export function readReference(text: string): Reference {
  const found = text.length <= LONGEST_LINK ? LINK.exec(text) : null;
  if (found) {
    const [, title = "", url = ""] = found;
    return url === "" ? { title } : { title, url };
  }
  return looksLikeLink(text) ? text.slice(1) : text;
}

/** One reference a line; further lines of one are indented. */
export const writeReferences = (references: Reference[]): string =>
  references.map((r) => `- ${writeReference(r).replaceAll("\n", "\n  ")}`).join("\n");

export function readReferences(text: string): Reference[] {
  const entries: string[] = [];
  for (const line of text.split("\n")) {
    const last = entries.length - 1;
    if (line.startsWith("- ")) entries.push(line.slice(2));
    else if (line.startsWith("  ") && last >= 0) entries[last] += `\n${line.slice(2)}`;
    else if (trimText(line) !== "") entries.push(trimText(line));
  }
  return entries.map((entry) => readReference(trimText(entry))).filter((entry) => entry !== "");
}

const HEADINGS = ["Pathophysiology:", "Clinical relevance:", "References:"] as const;
const HEADING_LINE = /^\\*(?:Pathophysiology|Clinical relevance|References):[ \t]*$/;

const protectHeadings = (text: string): string =>
  text.split("\n").map((line) => HEADING_LINE.test(line) ? `\\${line}` : line).join("\n");

const unprotect = (lines: string[]): string =>
  trimText(
    lines.map((line) => line.startsWith("\\") && HEADING_LINE.test(line) ? line.slice(1) : line)
      .join("\n"),
  );

/** An explanation as one text, for formats that have room for one. */
export function writeExplanation(explanation: Explanation): string {
  const parts = [
    explanation.pathophysiology,
    explanation.clinical_relevance,
    writeReferences(explanation.references),
  ];
  const below = parts.map((part, i) =>
    part === "" ? "" : `${HEADINGS[i]}\n${protectHeadings(part)}`
  );
  return [protectHeadings(explanation.correct_explanation), ...below].filter((part) => part !== "")
    .join("\n\n");
}

export function readExplanation(text: string): Explanation {
  const sections: string[][] = [[], [], [], []];
  let at = 0;
  for (const line of text.split("\n")) {
    const heading = HEADINGS.findIndex((name) => name === trimText(line));
    // In their order, each once: a second one is text.
    if (heading + 1 > at) at = heading + 1;
    else sections[at]?.push(line);
  }
  const [first = [], second = [], third = [], fourth = []] = sections;
  return {
    correct_explanation: unprotect(first),
    pathophysiology: unprotect(second),
    clinical_relevance: unprotect(third),
    references: readReferences(unprotect(fourth)),
  };
}

/** The beginning of a question, as a title for lists. */
export function titleOf(vignette: string): string {
  const line = vignette.replace(/\s+/g, " ").trim();
  const letters = [...line];
  return letters.length <= 80 ? line : `${letters.slice(0, 79).join("").trimEnd()}…`;
}
