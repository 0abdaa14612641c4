// Questions without a model: a sentence of the material with a term left out, and terms of the same kind to choose
// from. The same material gives the same questions. What is doubtful is skipped.

import { collapseWhitespace, truncate } from "../../text/normalise.ts";
import {
  count,
  type Difficulty,
  type GeneratedQuestion,
  type Made,
  type Option,
  type SourcePassage,
} from "../types.ts";
import { faultOf } from "../validate.ts";
import { type Blank, blanksOf } from "./blanks.ts";
import { distractorsFor, type Rarity } from "./distractors.ts";
import { otherNumbers, quantitiesOf, type Quantity } from "./numbers.ts";
import { type Statement, statementsOf } from "./sentences.ts";
import { type Term, termsOf } from "./terms.ts";

export const LOCAL_QUESTION_MODEL = "local-cloze-1";

const WRONG_OPTIONS = 3;
const ASK: Record<Blank["kind"], string> = {
  definition: "Which term does this statement define or describe?",
  gene: "Which gene completes the statement?",
  number: "Which number completes the statement?",
  term: "Which term completes the statement?",
};
const WORTH: Record<Blank["kind"], number> = { definition: 4, gene: 3, number: 2.5, term: 2 };

interface Wrong {
  text: string;
  place: Statement | null;
}

export interface Material {
  statements: Statement[];
  terms: ReadonlyMap<string, Term>;
  quantities: Quantity[];
  rarity: Rarity;
}

/** All of a material, once: what it speaks of, and how often. */
export function readMaterial(passages: readonly SourcePassage[]): Material {
  const statements = statementsOf(passages);
  const spread = new Map<string, number>();
  for (const { stems } of statements) {
    for (const each of stems) spread.set(each, (spread.get(each) ?? 0) + 1);
  }
  return {
    statements,
    terms: termsOf(statements),
    quantities: statements.flatMap((statement) => quantitiesOf(statement)),
    rarity: (each) => Math.log(1 + statements.length / (spread.get(each) ?? 1)),
  };
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const quoted = (text: string): string => `“${truncate(collapseWhitespace(text), 400)}”`;

function wrongOptions(blank: Blank, statement: Statement, material: Material): Wrong[] {
  if (blank.quantity) {
    return otherNumbers(blank.quantity, material.quantities).slice(0, WRONG_OPTIONS)
      .map(({ text, from }) => ({ text, place: from?.statement ?? null }));
  }
  return distractorsFor(blank, statement, material.terms, material.rarity, WRONG_OPTIONS)
    .map(({ text, places: [place] }) => ({
      text: blank.kind === "gene" ? text : capital(text),
      place: place ?? null,
    }));
}

/** The nearer the options are to each other, and the less the sentence says besides, the harder. */
function difficultyOf(blank: Blank, options: readonly Option[]): Difficulty {
  if (blank.kind === "number") return blank.quantity?.unit === "parts" ? "medium" : "hard";
  if (blank.kind === "gene") return "hard";
  const ends = new Set(options.map(({ text }) => text.slice(-4).toLowerCase()));
  if (blank.kind === "definition") return ends.size <= 2 ? "medium" : "easy";
  return blank.rest.size >= 9 ? "easy" : "medium";
}

function itemOf(blank: Blank, statement: Statement, material: Material): GeneratedQuestion | null {
  const wrong = wrongOptions(blank, statement, material);
  if (wrong.length < WRONG_OPTIONS) return null;
  const { text, quote, passage } = statement;
  const before = text.slice(0, blank.start).replace(/\b(a|A)n? $/, "$1(n) ");
  const vignette = `${ASK[blank.kind]}\n\n“${before}_____${text.slice(blank.end)}”`;
  const isWord = blank.kind === "definition" || blank.kind === "term";
  const right = isWord ? capital(blank.answer) : blank.answer;
  const options: Option[] = [
    { text: right, is_correct: true, rationale: `The text says: ${quoted(text)}` },
    ...wrong.map(({ text: other, place }) => ({
      text: other,
      is_correct: false,
      rationale: place
        ? `The text says “${right}” here. “${other}” belongs elsewhere: ${quoted(place.text)}`
        : `The text says “${right}” here.`,
    })),
  ];
  return {
    chunk_id: passage.chunk_id,
    quote,
    difficulty: difficultyOf(blank, options),
    content: { vignette, options, explanation: { correct_explanation: text } },
  };
}

const ORDER: Difficulty[] = ["easy", "medium", "hard", "nbme"];

/** The best question of each of these passages, if there is one. */
export function makeCloze(
  material: Material,
  passages: readonly SourcePassage[],
  wanted: Difficulty,
  perPassage = 1,
): Made {
  const refused: Record<string, number> = {};
  const questions = passages.flatMap((passage) => {
    const items = material.statements.filter((statement) =>
      statement.passage === passage && statement.standsAlone
    )
      .flatMap((statement) =>
        blanksOf(statement, material.terms).flatMap((blank) => {
          const item = itemOf(blank, statement, material);
          if (!item) return [];
          const fault = faultOf(item, passage);
          if (fault) {
            count(refused, fault);
            return [];
          }
          const apart = Math.abs(ORDER.indexOf(item.difficulty) - ORDER.indexOf(wanted));
          return [{ item, score: WORTH[blank.kind] - 0.8 * apart }];
        })
      ).sort((a, b) => b.score - a.score);
    const chosen = new Map<string, GeneratedQuestion>();
    for (const { item } of items) {
      // One question a sentence: the next would give this one's answer away.
      if (chosen.size < perPassage && !chosen.has(item.quote)) chosen.set(item.quote, item);
    }
    return [...chosen.values()];
  });
  return { questions, refused };
}
