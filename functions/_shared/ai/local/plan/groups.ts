// The passages that are about the subject, grouped by the headings they stand under, from basics to details.

import { collapseWhitespace, foldText, truncate } from "../../../text/normalise.ts";
import { stem } from "../../../text/stem.ts";
import { termsOf } from "../../../text/tokens.ts";
import type { PlanPassage, PlanRequest } from "../../curriculum-types.ts";
import { plainText } from "../../plain-text.ts";
import { type IndexedSentence, indexPassages } from "../index-passages.ts";
import { analyseQuestion } from "../question.ts";

export interface Line {
  passage: PlanPassage;
  sentence: IndexedSentence;
}

export interface Group {
  heading: string;
  /** Stems that name what it is about, without those of the subject itself. */
  names: string[];
  terms: ReadonlySet<string>;
  lines: Line[];
  source: PlanPassage["source"];
}

const BASIC = new Set(
  "introduction overview basics basic foundations fundamentals principles definition definitions terms terminology anatomy structure history background what elements"
    .split(" ").map(stem),
);
const ADVANCED = new Set(
  "advanced complications exceptions special details management treatment therapy clinical applications research limits outlook disorders pathology diagnosis failure problems"
    .split(" ").map(stem),
);

const LEFTOVER = /^(?:other|further|more|special)\b/i;

export const DEFINITION =
  /^(?:an?\s|the\s)?([\p{L}][\p{L}\p{N} '’-]{1,50}?)\s(?:is|are)\s(?:an?|the|called|defined)\s/iu;

/** "3.2 The pump (continued)" is "The pump". */
const tidy = (heading: string): string =>
  truncate(
    collapseWhitespace(plainText(heading))
      .replace(/^(?:(?:chapter|section|part|unit)\s+)?[\dIVX]+(?:\.\d+)*[.:)]?\s+(?=\S)/i, "")
      .replace(/\s*\((?:continued|cont\.?|\d+\s*(?:\/|of)\s*\d+|part \d+)\)$/i, "")
      .replace(/[\s:;,.–-]+$/, ""),
    120,
  );

const headingOf = (passage: PlanPassage, firstSentence: string): string => {
  for (const candidate of [passage.headings.at(-1) ?? "", passage.title ?? ""]) {
    const heading = tidy(candidate);
    if (heading !== "") return heading;
  }
  return truncate(tidy(firstSentence), 60);
};

/** How much of what names the subject a passage holds, from 0 to 1. */
const relevanceTo = (request: PlanRequest) => {
  const wanted = analyseQuestion(`${request.subject} ${request.topic ?? ""}`).terms;
  const total = wanted.reduce((sum, { weight }) => sum + weight, 0);
  return (terms: ReadonlySet<string>): number =>
    total === 0
      ? 0
      : wanted.reduce((sum, term) => sum + (terms.has(term.stem) ? term.weight : 0), 0) / total;
};

const share = (part: number, whole: number): number => whole === 0 ? 0 : part / whole;

/** How far the words of a group are those of the others: what is introduced first is spoken of everywhere. */
const generality = (group: Group, all: readonly Group[]): number => {
  const used = [...group.terms].map((term) => all.filter(({ terms }) => terms.has(term)).length);
  return share(used.reduce((sum, count) => sum + count, 0), used.length * all.length);
};

/** The lower, the more basic. */
const levelOf = (group: Group, all: readonly Group[], subject: ReadonlySet<string>): number => {
  const others = all.filter((other) => other !== group && other.names.length > 0);
  const mentions = (one: Group, other: Group) => other.names.every((name) => one.terms.has(name));
  const needs = others.filter((other) => mentions(group, other)).length;
  const neededBy = group.names.length === 0
    ? 0
    : others.filter((other) => mentions(other, group)).length;
  const words = termsOf(group.heading);
  const defining = group.lines.filter(({ sentence }) => DEFINITION.test(sentence.text)).length;
  const names = (terms: readonly string[]) => [...subject].every((term) => terms.includes(term));
  return 2 * share(needs - neededBy, others.length) -
    share(defining, group.lines.length) -
    4 * generality(group, all) -
    (names(words) ? 0.5 : 0) - (names(group.lines[0]?.sentence.terms ?? []) ? 0.5 : 0) -
    (words.some((word) => BASIC.has(word)) ? 2 : 0) +
    (words.some((word) => ADVANCED.has(word)) || LEFTOVER.test(group.heading) ? 2 : 0);
};

/** By level; what is of one document keeps the order that its author gave it. */
const fromBasics = (groups: readonly Group[], subject: ReadonlySet<string>): Group[] => {
  const levels = new Map(groups.map((group) => [group, levelOf(group, groups, subject)]));
  const sorted = [...groups].sort((a, b) => (levels.get(a) ?? 0) - (levels.get(b) ?? 0));
  const bySource = new Map<string, Group[]>();
  for (const group of sorted) {
    bySource.set(group.source.id, [...bySource.get(group.source.id) ?? [], group]);
  }
  for (const own of bySource.values()) own.sort((a, b) => a.source.no - b.source.no);
  return sorted.map(({ source }) => bySource.get(source.id)?.shift()).filter((group) =>
    group !== undefined
  );
};

const MIN_RELEVANCE = 0.5;

export const groupPassages = (request: PlanRequest): Group[] => {
  const index = indexPassages(request.passages);
  const relevance = relevanceTo(request);
  const scores = index.passageTerms.map((terms) => relevance(terms));
  const best = Math.max(0, ...scores);
  const subject = new Set(termsOf(request.subject));
  const groups = new Map<string, Group>();
  request.passages.forEach((passage, at) => {
    const score = scores[at] ?? 0;
    if (!passage.isOfTopic && (score === 0 || score < MIN_RELEVANCE * best)) return;
    const lines = (index.byPassage[at] ?? []).filter(({ isQuotable }) => isQuotable)
      .map((sentence) => ({ passage, sentence }));
    const first = lines[0];
    if (!first) return;
    const heading = headingOf(passage, first.sentence.text);
    const key = foldText(heading);
    const known = groups.get(key);
    const terms = index.passageTerms[at] ?? new Set<string>();
    groups.set(key, {
      heading: known?.heading ?? heading,
      names: known?.names ?? [...new Set(termsOf(heading))].filter((term) => !subject.has(term)),
      terms: new Set([...known?.terms ?? [], ...terms]),
      lines: [...known?.lines ?? [], ...lines],
      source: known && known.source.no <= passage.source.no ? known.source : passage.source,
    });
  });
  for (const { lines } of groups.values()) {
    lines.sort((a, b) =>
      a.passage.source.id === b.passage.source.id
        ? a.passage.source.no - b.passage.source.no || a.sentence.order - b.sentence.order
        : 0
    );
  }
  return fromBasics([...groups.values()], subject);
};
