// The terms of a material: what it defines, and names whose kind their words show.

import { stem } from "../../text/stem.ts";
import { isStopWord } from "../../text/stop-words.ts";
import { GENERAL, LOOSE, NO_TERM } from "./general.ts";
import { isListed, isPlural, kindOf, kindOfGenus } from "./kinds.ts";
import type { Statement } from "./sentences.ts";

export interface Term {
  text: string;
  /** Its stems, in order. */
  key: string;
  kind: string;
  /** Where it stands: statements of the material. */
  places: Statement[];
}

export interface Definition {
  statement: Statement;
  /** The term as it stands at the beginning, behind its article. */
  start: number;
  end: number;
  /** Where what is said of it begins. */
  rest: number;
  term: string;
  genus: string | null;
}

const SAYS =
  "(?:is|are|was|were) (?:an?|the|any|one of the|defined as|caused by|characterized by|made of|made up of|marked by|due to|inflammation|swelling|damage|loss|in a class of|used to|used in)\\b|" +
  "(?:refers? to|occurs? when|happens? when|means|results? from|develops? when|begins? in|starts? in|produces?|makes|carries|pumps|filters|regulates|transports|stores|controls|breaks down)\\b";
const DEFINITION = new RegExp(
  `^(?:(An?|The) )?([\\p{L}][\\p{L}\\p{N}'’-]*(?: (?:of |and )?[\\p{L}\\p{N}][\\p{L}\\p{N}'’-]*){0,4}?)((?: \\([^()]{1,60}\\))?) (?=${SAYS})`,
  "u",
);
const GENUS =
  /^(?:is|are|was|were) (?:an?|the) ((?:[\p{L}-]+ ){0,4}?[\p{L}-]+)(?= (?:that|which|in|of|made|caused|found|used|where|who|to|by|with|characterized|produced|located|and|affecting|resulting)\b|[,.(])/u;

const isTerm = (text: string): boolean => {
  const words = text.split(" ");
  const last = stem((words.at(-1) ?? "").toLowerCase());
  if (NO_TERM.has(last) || text.length < 4 || (words.length > 1 && /\p{Lu}{4}/u.test(text))) {
    return false;
  }
  if (new Set(words.map((word) => word.toLowerCase())).size < words.length) return false;
  if (words.every((word) => GENERAL.has(stem(word.toLowerCase())))) return false;
  if (LOOSE.has(stem((words[0] ?? "").toLowerCase())) || /\b(?:and|or)\b/.test(text)) return false;
  return words.every((word) => word === "of" || !isStopWord(word.toLowerCase())) &&
    // Verbs and adverbs within a name: it is no name.
    words.slice(0, -1).every((word) => !/(?:ly|ing|ed)$/.test(word)) &&
    !/(?:ly|ing|ed)$/.test(words.at(-1) ?? "");
};

export function definitionOf(statement: Statement): Definition | null {
  const match = DEFINITION.exec(statement.text);
  const [whole, article, term = "", aside = ""] = match ?? [];
  if (whole === undefined || !isTerm(term)) return null;
  const start = article ? article.length + 1 : 0;
  const said = statement.text.slice(whole.length);
  const genus = GENUS.exec(said)?.[1]?.split(" ").at(-1)?.toLowerCase() ?? null;
  return {
    statement,
    start,
    end: start + term.length,
    rest: start + term.length + aside.length + 1,
    term,
    genus: genus && !GENERAL.has(stem(genus)) && !NO_TERM.has(stem(genus)) ? genus : null,
  };
}

const AILMENT =
  /^(?:is|are) (?:caused by|characterized by|marked by|due to|inflammation|swelling|an? (?:[a-z,-]+ ){0,4}(?:disease|disorder|condition|syndrome|infection|illness|cancer|tumou?r)\b)|^(?:occurs?|happens?|develops?) when\b/;

export const keyOf = (text: string): string =>
  text.toLowerCase().split(/[\s-]+/).map((word) => stem(word.replace(/['’]s?$/, ""))).join(" ");

/** The kind that the words show; else what the text says it is: "a hormone that …". */
export function kindOfDefinition({ term, genus, statement, rest }: Definition): string | null {
  const shown = kindOf(term);
  if (shown) return shown;
  const said = statement.text.slice(rest);
  const number = isPlural(term) ? "s" : "";
  if (/^(?:is|are|was|were) in a class of (?:medications|drugs|medicines)/.test(said)) {
    return `drug${number}`;
  }
  if (AILMENT.test(said)) return `disease${number}`;
  const kind = genus === null ? null : kindOfGenus(genus);
  return kind && kind + number;
}

export const GENE = /\b(?=[A-Z0-9]*[A-Z])[A-Z][A-Z0-9]{1,8}\b(?= genes?\b)/g;

export function termsOf(statements: readonly Statement[]): Map<string, Term> {
  const terms = new Map<string, Term>();
  const add = (text: string, kind: string | null, place: Statement) => {
    if (kind === null) return;
    const key = keyOf(text);
    const term = terms.get(key) ?? { text, key, kind, places: [] };
    if (!term.places.includes(place)) term.places.push(place);
    terms.set(key, term);
  };
  for (const statement of statements) {
    const { tokens, text } = statement;
    const definition = definitionOf(statement);
    if (definition) add(definition.term, kindOfDefinition(definition), statement);
    for (const [symbol] of text.matchAll(GENE)) add(symbol, "gene", statement);
    tokens.forEach((token, i) => {
      const next = tokens[i + 1];
      const pair = next && text.slice(token.end, next.start) === " "
        ? text.slice(token.start, next.end)
        : null;
      if (pair && isListed(pair)) return add(pair.toLowerCase(), kindOf(pair), statement);
      const kind = kindOf(token.text);
      if (
        token.text.length > 2 && kind !== null && !/^[A-Z]+$/.test(token.text) &&
        isOwnName(token.word)
      ) {
        add(token.text.toLowerCase(), kind, statement);
      }
    });
  }
  return terms;
}

/** "Disease" alone is a kind, and no name. */
const isOwnName = (word: string): boolean =>
  !NO_TERM.has(stem(word)) && !GENERAL.has(stem(word)) &&
  !/^(?:syndromes?|infections?|tumou?rs?|cancers?|failures?|attacks?|deficienc(?:y|ies)|fevers?|valves?|nerves?|muscles?|bones?|glands?|acids?|virus(?:es)?|laws?|theor(?:y|ies)|principles?|rules?|wars?|arter(?:y|ies)|veins?|lakes?|rivers?|seas?|oceans?|paralysis|equations?|theorems?|revolutions?|hypothes[ie]s)$/
    .test(word);
