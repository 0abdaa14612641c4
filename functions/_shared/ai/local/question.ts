// What a question asks for: its kind, and the terms that a passage must hold to answer it.

import { isStopWord } from "../../text/stop-words.ts";
import { splitSentences } from "../../text/sentences.ts";
import { stem } from "../../text/stem.ts";
import { tokenize, wordsOf } from "../../text/tokens.ts";

export type QuestionKind =
  | "definition"
  | "reason"
  | "manner"
  | "quantity"
  | "place"
  | "time"
  | "person"
  | "comparison"
  | "list"
  | "other";

export interface QuestionTerm {
  stem: string;
  /** 1 for a word that names a subject, less for words that fit any subject ("role", "happen"). */
  weight: number;
  isSpecific: boolean;
}

export interface Question {
  kind: QuestionKind;
  terms: QuestionTerm[];
  /** Stems of neighbouring content words: "left ventricle". */
  pairs: [string, string][];
}

const GENERIC_WEIGHT = 0.3;

// Words that a question on any subject may use. They say what is asked, not about what.
const GENERIC = new Set(
  wordsOf(`
act action add affect allow amount answer appear approximately area aspect attach average basic basically become
begin behave benefit best better big bring brief briefly bad build carry category cause certain chance change
characteristic choose clear clearly close common compare comparison component compose concept condition connect
consequence consider consist contain contribute control correct course create day decide decrease define definition
degree depend describe description detail determine develop difference different differ directly discuss distinct
distinguish drive early easy effect elaborate enable end ensure enter especially essential event exact example exist
explain explanation express great greatly represent stand substance element formula calculate calculation compute change shape extent fact factor fast feature figure find follow form function general generally good
great group grow handle happen hard help high hold idea identify illustrate importance important include increase
indicate influence inform information involve job kind large last late lead leave length level life list little live
location long look lose low main mainly maintain major many matter mean meaning measure mechanism mention method mild
move name natural nature near need new normal normally number occur old operate opposite order outline overall part
particular people perform person place play point position possible precise presence present prevent primary principle
problem process produce property provide purpose quality quantity question quick quickly raise range reach real reason
receive reduce refer relate relation relationship remain require respond responsible rest result role roughly run second
sense sequence serve set short show significance significant similar simple situation size slow small special specific
stage start state stay step stop strong structure student subject suddenly suggest summarise summarize supply support
system take task term test time total transport trigger try turn two type typical typically undergo understand unit
unique usual usually value various vary whole wide word work world wrong year briefly happens worth point biggest
discuss three four five explain thing typical allows enables ensures state mention briefly detail passage material text
according notes lecture chapter course body human
`).map(stem),
);

const KINDS: [QuestionKind, RegExp][] = [
  [
    "comparison",
    /\b(differences? between|compare|contrast|distinguish|differ(s|ent)? from|versus|vs)\b/,
  ],
  ["comparison", /\b(than)\b.*\?/],
  [
    "definition",
    /^(define|definition of|what does .{1,60} mean|what is meant by|what do we call)\b/,
  ],
  ["definition", /^what(?:'s| is| are) (?:a |an |the )?(?:[\p{L}-]+ ){0,2}[\p{L}-]+\s*\??$/u],
  ["reason", /\b(why|for what reason|what causes?|what makes|reasons? (for|why))\b/],
  [
    "quantity",
    /\b(how (much|many|long|often|fast|far|big|large|high|heavy|thick|old)|what (percentage|proportion|fraction|share|volume|number|rate)|at what)\b/,
  ],
  [
    "list",
    /\b(list|name the|what are the (steps|parts|stages|phases|layers|types|functions|main|two|three|four|five|factors|components|causes))\b/,
  ],
  ["list", /\bwhich .{1,40}\bare\b/],
  ["place", /\b(where|in (what|which) (part|place|organ|region))\b/],
  ["time", /\b(when|in (what|which) (year|century|month)|what year)\b/],
  ["person", /\b(who|whose|whom)\b/],
  [
    "manner",
    /\b(how|by what (means|mechanism)|in what way|what happens|describe|explain|outline)\b/,
  ],
];

const kindOf = (text: string): QuestionKind => {
  const plain = text.toLowerCase().replace(/\s+/g, " ").trim();
  return KINDS.find(([, pattern]) => pattern.test(plain))?.[0] ?? "other";
};

const ASKS =
  /\?\s*$|^(what|why|how|when|where|who|which|whose|define|describe|explain|compare|list|name|outline|state|does|do|is|are|can)\b/i;

/** The sentences that ask; background around them counts less. */
const splitRoles = (text: string): { asked: string; background: string } => {
  const sentences = splitSentences(text).map((sentence) => sentence.text);
  const asked = sentences.filter((sentence) => ASKS.test(sentence));
  if (asked.length === 0) return { asked: text, background: "" };
  return {
    asked: asked.join(" "),
    background: sentences.filter((sentence) => !ASKS.test(sentence)).join(" "),
  };
};

const BACKGROUND_WEIGHT = 0.25;

const addTerms = (into: Map<string, QuestionTerm>, text: string, factor: number): string[] => {
  const stems: string[] = [];
  for (const { word } of tokenize(text)) {
    if (isStopWord(word)) {
      stems.push("");
      continue;
    }
    const root = stem(word);
    stems.push(root);
    if (into.has(root)) continue;
    const isSpecific = !GENERIC.has(root);
    into.set(root, {
      stem: root,
      weight: factor * (isSpecific ? 1 : GENERIC_WEIGHT),
      isSpecific: isSpecific && factor === 1,
    });
  }
  return stems;
};

const readTerms = (asked: string, background: string): Question => {
  const terms = new Map<string, QuestionTerm>();
  const stems = addTerms(terms, asked, 1);
  addTerms(terms, background, BACKGROUND_WEIGHT);
  const pairs: [string, string][] = [];
  for (let i = 1; i < stems.length; i += 1) {
    const [left, right] = [stems[i - 1] ?? "", stems[i] ?? ""];
    if (left !== "" && right !== "") pairs.push([left, right]);
  }
  return { kind: kindOf(asked), terms: [...terms.values()], pairs };
};

/** When the asking sentence names no subject ("But why?"), the subject is in the others. */
export const analyseQuestion = (text: string): Question => {
  const { asked, background } = splitRoles(text);
  const question = readTerms(asked, background);
  if (background === "" || question.terms.some((term) => term.isSpecific)) return question;
  return { ...readTerms(`${background} ${asked}`, ""), kind: question.kind };
};
