// Which sentences state something by themselves: whoever reads one alone knows what it is about. What is doubtful is
// left out; a text has sentences enough.

import { isStopWord } from "../../text/stop-words.ts";
import { stem } from "../../text/stem.ts";
import { splitSentences } from "../../text/sentences.ts";
import { type Token, tokenize } from "../../text/tokens.ts";
import type { SourcePassage } from "../types.ts";

export interface Statement {
  passage: SourcePassage;
  /** Which paragraph of the passage it stands in. */
  paragraph: number;
  /** As it stands in the passage, line ends included. */
  quote: string;
  /** The same with single spaces. */
  text: string;
  tokens: Token[];
  /** Stems of the words that carry meaning. */
  stems: Set<string>;
  /** It can be asked about; the others only tell where else a term stands. */
  standsAlone: boolean;
}

const words = (list: string): Set<string> => new Set(list.trim().split(/\s+/));

/** They point to something that was said before, or speak to the reader. */
const POINTING = words(`
this these those he she him her his hers it they them i me my we us our you your yours yourself himself herself
themselves above below following former latter previously aforementioned same respectively figure table chapter
section box click page website web doctor doctors provider prescriber pharmacist`);

const OPENERS = words(`
however therefore thus hence also additionally moreover furthermore consequently instead then next finally first
second third fourth other others another both some many several few here there such but and or so yet still together
often sometimes usually rarely occasionally generally typically normally similarly likewise either neither one
only no not none more less much nor that its their as though although if who what which how why key note summary
definition overview almost even
take use keep do ask call talk tell get go see avoid make try wash eat drink follow check seek learn read visit contact
wear stop apply place put hold stand move store throw remember let give start wait stay consider choose limit be
always never fully`);

/** They say that something was said before. */
const LINKING = new RegExp(
  "^(?:In (?:fact|addition|general|most|some|other|many|contrast|rare|a few|all|almost|particular|turn|the past)|As (?:a result|many|well|with)|" +
    "At (?:first|times|the same|least)|On (?:the other|average)|For (?:example|instance|more|most|some|many)|By contrast|" +
    "With(?:out)? (?:treatment|proper)|After (?:that|treatment)|Over time|Because of|During (?:time|the (?:test|exam|procedure|surgery)))\\b",
);

/** "The disease" is some disease that was named before. */
const ANAPHOR = new RegExp(
  "\\bthe (?:[\\w-]+ )?(?:condition|disorder|disease|syndrome|illness|infection|tumou?r|cancer|problem|symptoms?|test|" +
    "procedure|treatment|medicine|medication|drug|gene|mutation|protein|patients?|person|child|baby|surgery|operation|" +
    "device|study|researchers?|area|authors?|affected|altered|abnormal|other|two|three|others|signs?|cause|causes|" +
    "virus|bacteri(?:a|um)|fung(?:us|i)|parasites?|worms?|larvae|antibiotics?|tablets?|capsules?|pills?|doses?|injections?|tube|" +
    "incision|wound|rash|damaged|injury|bleeding|woman|man|process|method|defect|change|changes|vaccine|exam|organism|approach|model|system|group|results?)\\b" +
    "(?! (?:of|that|in which|called|known|for|gene\\b))",
  "i",
);
const ANAPHORIC_PEOPLE =
  /\b(?:affected|such) (?:people|persons?|individuals?|children|women|men|famil|cells?)/i;
const UNFINISHED = /[:;?!|•*<>{}[\]=@…]|--| - |\bwww\b|https?|\be\.g\b|\bi\.e\b|\betc\b|-\n|["“”]/;
/** A heading without a line of its own, or two sentences in one: the text was not taken in well. */
const RUN_TOGETHER =
  /[\p{Ll})] (?:A|An|The|What|How|Why|When|Some|Many|This|These|There|It|In) |\p{Lu}{4,} \p{Lu}{4,}|[.?!] ?\p{Lu}|\p{Ll}\)?\p{Lu}\p{Ll}|[\p{L}]{22}/u;
const REPEATED = /(\b[a-z]{3,}(?: [a-z]+)?) \1\b/i;
const VERB =
  /\b(?:is|are|was|were|has|have|had|does|do|can|may|will|must|occurs?|causes?|contains?|includes?|produces?|makes?|carr(?:y|ies)|affects?|provides?|helps?|leads?|results?|means|refers|develops?|happens?|forms?|becomes?|consists?|controls?|connects?|pumps?|filters?|spreads?|attacks?|belongs?|\w{3,}ed)\b/;

const isBalanced = (text: string): boolean => {
  let depth = 0;
  for (const letter of text) {
    if (letter === "(") depth += 1;
    if (letter === ")") depth -= 1;
    if (depth < 0 || depth > 1) return false;
  }
  return depth === 0;
};

export function standsAlone(text: string, tokens: Token[]): boolean {
  const first = tokens[0];
  if (!first || tokens.length < 8 || tokens.length > 38) return false;
  if (text.length < 45 || text.length > 260 || !/^\p{Lu}/u.test(text) || !text.endsWith(".")) {
    return false;
  }
  if (
    UNFINISHED.test(text) || RUN_TOGETHER.test(text) || REPEATED.test(text) || !isBalanced(text) ||
    !VERB.test(text)
  ) return false;
  if (
    OPENERS.has(first.word) || LINKING.test(text) || tokens.some(({ word }) => POINTING.has(word))
  ) return false;
  // "Its" and "their" may point back to what the sentence itself has named.
  if (tokens.slice(0, 6).some(({ word }) => word === "its" || word === "their")) return false;
  // "Most have …": most of whom?
  if (
    /^(?:Most|Each|All|Half|Nearly|About) (?:\w+ly )?(?:have|has|are|is|were|was|do|can|may|will|of)\b/
      .test(text)
  ) return false;
  return !ANAPHOR.test(text) && !ANAPHORIC_PEOPLE.test(text);
}

export const stemsOf = (tokens: readonly Token[]): Set<string> =>
  new Set(tokens.map(({ word }) => word).filter((word) => !isStopWord(word)).map(stem));

/** "Cortisolsometimes": two words of the text without the space between them. */
function runTogether(statements: readonly Statement[]): (word: string) => boolean {
  const counts = new Map<string, number>();
  for (const { tokens } of statements) {
    for (const { word } of tokens) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const isKnown = (word: string) => word.length >= 4 && (counts.get(word) ?? 0) >= 2;
  return (word) => {
    if (word.length < 9 || (counts.get(word) ?? 0) > 1) return false;
    for (let at = 4; at <= word.length - 4; at += 1) {
      if (isKnown(word.slice(0, at)) && isKnown(word.slice(at))) return true;
    }
    return false;
  };
}

export function statementsOf(passages: readonly SourcePassage[]): Statement[] {
  const seen = new Set<string>();
  const statements = passages.flatMap((passage) =>
    splitSentences(passage.content).flatMap(({ text: whole, paragraph }) => {
      // A bracket that belongs to what stood around it.
      const quote = /^[^(]*\.\)$/.test(whole) ? whole.slice(0, -1) : whole;
      const text = quote.replace(/\s+/g, " ");
      // Passages overlap, and authors repeat themselves.
      if (seen.has(text)) return [];
      seen.add(text);
      const tokens = tokenize(text);
      const alone = standsAlone(text, tokens) && !/-\s*\n/.test(quote);
      return [{
        passage,
        paragraph,
        quote,
        text,
        tokens,
        stems: stemsOf(tokens),
        standsAlone: alone,
      }];
    })
  );
  const isRunTogether = runTogether(statements);
  return statements.map((statement) => ({
    ...statement,
    standsAlone: statement.standsAlone &&
      !statement.tokens.some(({ word }) => isRunTogether(word)),
  }));
}
