// What of a sentence may be left out, so that the rest still says which term it was.

import { stem } from "../../text/stem.ts";
import { GENERAL } from "./general.ts";
import { kindOf } from "./kinds.ts";
import { quantitiesOf, type Quantity } from "./numbers.ts";
import type { Statement } from "./sentences.ts";
import { definitionOf, GENE, keyOf, kindOfDefinition, type Term } from "./terms.ts";

export interface Blank {
  kind: "definition" | "gene" | "number" | "term";
  start: number;
  end: number;
  /** What stands there. */
  answer: string;
  term?: Term;
  quantity?: Quantity;
  /** Stems of the rest that tell something apart. */
  rest: Set<string>;
}

/** Much that is said of one of these is true of others. */
const MANY = /^(?:nutrient|hormone|gas|inheritance)/;

/** What may be so, or is one thing among others, others may be, too. */
const HEDGED =
  /\b(?:may|might|can|could|sometimes|possibl[ey]|likely|often|usually|commonly|common|include|includes|including|such as|for example|like|or|other|another|others|especially|particularly|mainly|mostly|primarily|typically|generally|some|one of|any|similar)\b/i;

const telling = (statement: Statement, without: string): Set<string> => {
  const own = new Set(without.split(" "));
  return new Set(
    [...statement.stems].filter((each) =>
      !GENERAL.has(each) && !own.has(each) && !/^\d/.test(each)
    ),
  );
};

/** The same word, or one made of it: the diaphragm of a diaphragmatic hernia. */
const areOneWord = (a: string, b: string): boolean =>
  stem(a) === stem(b) || Math.min(a.length, b.length) >= 5 && (a.includes(b) || b.includes(a)) ||
  Math.min(a.length, b.length) >= 6 && a.slice(0, 6) === b.slice(0, 6);

const standsTwice = ({ tokens }: Statement, start: number, end: number): boolean => {
  const inside = tokens.filter((token) => token.start >= start && token.end <= end);
  return tokens.some((token) =>
    (token.end <= start || token.start >= end) && token.word.length > 2 &&
    !GENERAL.has(stem(token.word)) &&
    inside.some(({ word }) => areOneWord(word, token.word))
  );
};

/** The sentence names what it is about, besides what is left out: a term, a name, an abbreviation. */
const hasAnchor = (
  { text, tokens }: Statement,
  start: number,
  end: number,
  terms: ReadonlyMap<string, Term>,
): boolean =>
  tokens.some((token, i) => {
    if (token.start < end && token.end > start) return false;
    if (
      /^\p{Lu}{2,}/u.test(token.text) ||
      (i > 0 && /^\p{Lu}/u.test(token.text) && token.text.length > 2)
    ) return true;
    return [1, 2, 3].some((size) => {
      const last = tokens[i + size - 1];
      return last !== undefined && (last.end <= start || token.start >= end) &&
        terms.has(keyOf(text.slice(token.start, last.end)));
    });
  });

/** "(PCOS)", "or DVT": another name of what is left out. */
const isAbbreviated = (text: string, answer: string, start: number, end: number): boolean => {
  const initial = answer[0]?.toUpperCase() ?? "";
  const rest = `${text.slice(0, start)} ${text.slice(end)}`;
  return [...rest.matchAll(/\b[A-Z]{2,6}s?\b/g)].some(([letters]) =>
    letters.startsWith(initial) && answer.includes(" ")
  ) ||
    /^,? (?:\(|or |also |sometimes |commonly |which is also|abbreviated|known as|called)/.test(
        text.slice(end),
      ) && /\b(?:also|or|called|known as|abbreviated)\b/.test(text.slice(end, end + 25));
};

const isListed = (text: string, start: number, end: number): boolean =>
  /(?:,|\band|\bor|\/|-|,\s*the) *$/.test(text.slice(0, start)) ||
  /^(?:,? (?:and|or)\b|\/|,(?! which| a | an | the )|-)/.test(text.slice(end));

export function blanksOf(statement: Statement, terms: ReadonlyMap<string, Term>): Blank[] {
  const { text, tokens } = statement;
  const blanks: Blank[] = [];
  const definition = definitionOf(statement);
  if (definition) {
    const { start, rest, term: answer } = definition;
    const kind = kindOfDefinition(definition);
    const term = terms.get(keyOf(answer));
    const telltale = telling(statement, keyOf(answer));
    // "X (also Y) is": the aside goes with the term.
    const end = rest - 1;
    if (
      kind && term && telltale.size >= (MANY.test(kind) ? 5 : 3) &&
      !standsTwice(statement, start, end) &&
      !isAbbreviated(text, answer, start, end)
    ) {
      blanks.push({ kind: "definition", start, end, answer, term, rest: telltale });
    }
  }
  const genes = [...text.matchAll(GENE)];
  const [gene] = genes;
  // In a list of genes ("EIF2B1, EIF2B2 and …"), or one named by its family, the rest gives it away.
  const symbols = new Set(text.match(/\b(?=[A-Z0-9-]*[A-Z])[A-Z][A-Z0-9-]{2,}\b/g));
  if (gene && symbols.size === 1 && symbols.has(gene[0]) && !HEDGED.test(text)) {
    const [symbol] = gene;
    const term = terms.get(keyOf(symbol));
    const [start, end] = [gene.index, gene.index + symbol.length];
    const rest = telling(statement, keyOf(symbol));
    const isAgain = text.split(symbol).length > 2;
    if (term && rest.size >= 2 && !isAgain) {
      blanks.push({ kind: "gene", start, end, answer: symbol, term, rest });
    }
  }
  const quantities = quantitiesOf(statement);
  for (const quantity of quantities.length <= 2 ? quantities : []) {
    const { start, end, text: answer } = quantity;
    const rest = telling(statement, answer);
    const isNear =
      /(?:ages? of|aged?|under|over|older than|younger than|than|least|most|to|up) *$/i.test(
        text.slice(0, start),
      ) &&
      /\b(?:people|adults|children|women|men)\b/.test(text) && quantities.length > 1;
    if (rest.size >= 4 && !isNear && hasAnchor(statement, start, end, terms)) {
      blanks.push({ kind: "number", start, end, answer, quantity, rest });
    }
  }
  if (HEDGED.test(text)) return blanks;
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1];
    const pair = next && text.slice(token.end, next.start) === " "
      ? terms.get(keyOf(text.slice(token.start, next.end)))
      : null;
    const term = pair ?? terms.get(keyOf(token.text));
    const end = pair && next ? next.end : token.end;
    const rest = term && telling(statement, term.key);
    if (!term || !rest || term.kind === "gene" || rest.size < 4) continue;
    const isPart = /[\p{L}]-$|['’]$/u.test(text.slice(0, token.start)) ||
      /^(?:-|['’]|\.\d)/.test(text.slice(end)) ||
      isWithinName(statement, i, pair ? i + 1 : i);
    if (isPart || isListed(text, token.start, end) || standsTwice(statement, token.start, end)) {
      continue;
    }
    if (blanks.some((blank) => token.start < blank.end && end > blank.start)) continue;
    if (
      kindOf(text.slice(token.start, end)) !== term.kind ||
      !hasAnchor(statement, token.start, end, terms)
    ) continue;
    if (isAbbreviated(text, text.slice(token.start, end), token.start, end)) continue;
    blanks.push({
      kind: "term",
      start: token.start,
      end,
      answer: text.slice(token.start, end),
      term,
      rest,
    });
  }
  return blanks;
}

const PLAIN_BEFORE =
  /^(?:the|a|an|of|in|by|from|to|with|into|on|through|is|are|called|as|and|your|both|against|cause|causes|between|around|for|have|has|become|produce|produces|contain|contains|make|makes|via|prevent|prevents|treat|treats)$/;
const PLAIN_AFTER =
  /^(?:is|are|was|were|and|that|which|of|in|to|by|from|with|can|has|have|does|into|on|through|makes|produces|contains|causes|controls|helps|carries|carry|pumps|filters|where|when|for|lies|lie|cause|means|at|as|during|because|so|while|without|becomes|become)$/;

/** "The heart muscle", "mammary gland": one word of a name is not the name. */
const isWithinName = ({ tokens, text }: Statement, from: number, to: number): boolean => {
  const before = tokens[from - 1];
  const after = tokens[to + 1];
  const [first, last] = [tokens[from], tokens[to]];
  const touchesBefore = before && first && text.slice(before.end, first.start) === " ";
  const touchesAfter = after && last && text.slice(last.end, after.start) === " ";
  return Boolean(
    (touchesBefore && !PLAIN_BEFORE.test(before.word)) ||
      (touchesAfter && !PLAIN_AFTER.test(after.word)),
  );
};
