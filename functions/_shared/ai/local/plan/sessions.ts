// Sessions out of parts: titles from the headings, objectives from headings and key sentences, quotes word for word.

import { truncate } from "../../../text/normalise.ts";
import type { PlannedSession, PlanRequest } from "../../curriculum-types.ts";
import { plainText } from "../../plain-text.ts";
import { EVIDENCE } from "../sentence-forms.ts";
import { DEFINITION, type Line } from "./groups.ts";
import type { Part } from "./parts.ts";

const VERBS = {
  beginner: ["Describe", "Recall what is said of"],
  intermediate: ["Explain", "Apply what is said of"],
  advanced: ["Analyse", "Discuss the limits of what is said of"],
} as const;

const KEY_SENTENCES = 4;
const MAX_OBJECTIVES = 5;
const MAX_QUOTE = 600;

const quoted = (text: string) => `“${text}”`;
const named = (headings: readonly string[]): string => {
  const [first = "", second, ...more] = headings;
  if (second === undefined) return first;
  return more.length === 0 ? `${first}; ${second}` : `${first}; ${second} and ${more.length} more`;
};

export const titleOf = ({ headings, piece }: Part): string =>
  truncate(named(headings), 220) + (piece ? ` (part ${piece.no} of ${piece.of})` : "");

const lineText = ({ sentence }: Line) => plainText(sentence.text.replaceAll(/\s+/g, " "));

/** What a sentence defines: "Cardiac output". */
export const definedBy = (line: Line): string | null => {
  const term = DEFINITION.exec(lineText(line))?.[1]?.trim() ?? "";
  return term === "" ||
      /^(?:it|this|that|these|those|there|they|he|she|one|what|which)\b/i.test(term)
    ? null
    : term;
};

const weightOf = (line: Line, part: Part): number => {
  const { text, terms, wordCount } = line.sentence;
  const names = new Set(part.groups.flatMap((group) => group.names));
  return (definedBy(line) ? 3 : 0) + (EVIDENCE.reason?.test(text) ? 1.5 : 0) +
    (EVIDENCE.comparison?.test(text) ? 1 : 0) + (/\d/.test(text) ? 0.5 : 0) +
    terms.filter((term) => names.has(term)).length -
    (wordCount > 40 ? 2 : 0) - (line.sentence.order > 0 ? 0.3 : 0);
};

/** The sentences that say most, in the order of the text. */
export const keyLines = (part: Part): Line[] =>
  [...part.lines]
    .map((line, at) => ({ line, at, weight: weightOf(line, part) }))
    .sort((a, b) => b.weight - a.weight || a.at - b.at)
    .slice(0, KEY_SENTENCES)
    .sort((a, b) => a.at - b.at)
    .map(({ line }) => line);

const objectiveFrom = (line: Line): string | null => {
  const { text } = line.sentence;
  const term = definedBy(line);
  if (term) return `Define ${quoted(term)}.`;
  const said = quoted(truncate(lineText(line), 200));
  if (EVIDENCE.reason?.test(text)) return `Give the reasons: ${said}`;
  if (EVIDENCE.comparison?.test(text)) return `Compare: ${said}`;
  return /\d/.test(text) ? `State the figures: ${said}` : null;
};

export const contentSession = (
  part: Part,
  request: PlanRequest,
  requires: number[],
): PlannedSession => {
  const key = keyLines(part);
  const [verb, second] = VERBS[request.skillLevel];
  const objectives = [
    ...part.headings.slice(0, 3).map((heading) => `${verb} ${quoted(heading)}.`),
    ...key.flatMap((line) => objectiveFrom(line) ?? []),
  ];
  if (objectives.length < 2) objectives.push(`${second} ${quoted(part.headings[0] ?? "")}.`);
  const passages = [...new Set(part.lines.map(({ passage }) => passage))].slice(0, 8);
  return {
    title: titleOf(part),
    objectives: [...new Set(objectives)].slice(0, MAX_OBJECTIVES),
    materials: [
      `Read: ${part.headings.slice(0, 8).join("; ")}.`,
      "Key sentences:",
      ...key.map((line) => `- ${truncate(lineText(line), 400)}`),
    ].join("\n"),
    notes: "",
    minutes: null,
    requires,
    passages: passages.map((passage) => {
      const line = key.find((one) => one.passage === passage);
      const quote = line ? passage.text.slice(line.sentence.start, line.sentence.end) : "";
      return { passageId: passage.id, quote: quote.length <= MAX_QUOTE ? quote : "" };
    }),
  };
};

/** Nothing new: what was read is recalled. */
const recall = (
  title: string,
  parts: readonly Part[],
  requires: number[],
): PlannedSession => {
  const lines = parts.flatMap(keyLines);
  const terms = [...new Set(lines.flatMap((line) => definedBy(line) ?? []))].slice(0, 8);
  const headings = [...new Set(parts.flatMap((part) => part.headings))];
  return {
    title: truncate(title, 255),
    objectives: [
      "Recall the key sentences without looking them up.",
      `Explain in your own words: ${truncate(headings.join("; "), 300)}.`,
    ],
    materials: [
      "Answer without looking, then compare with the passages:",
      ...terms.map((term) => `- What is meant by ${quoted(term)}?`),
      ...headings.slice(0, 10).map((heading) => `- What do you know of ${quoted(heading)}?`),
    ].join("\n"),
    notes: "",
    minutes: null,
    requires,
    passages: [...new Set(parts.flatMap((part) => part.lines[0]?.passage.id ?? []))].slice(0, 8)
      .map((passageId) => ({ passageId, quote: "" })),
  };
};

export const reviewSession = (parts: readonly Part[], requires: number[]): PlannedSession => {
  const [first, last] = [requires[0] ?? 1, requires.at(-1) ?? 1];
  const range = first === last ? `session ${first}` : `sessions ${first} to ${last}`;
  return recall(`Review of ${range}`, parts, requires);
};

export const practiceSession = (part: Part, requires: number): PlannedSession =>
  recall(`Practice: ${titleOf(part)}`, [part], [requires]);
