// What stands between the braces of a GIFT question.

import { trimText } from "./text.ts";
import type { QuestionItem, QuestionOption } from "./types.ts";

export type Choices =
  | {
    ok: true;
    type: QuestionItem["question_type"];
    options: QuestionOption[];
    /** Some answer was worth a part of the mark. */
    isWeighted: boolean;
  }
  | { ok: false; code: string; message: string };

const refuse = (code: string, message: string): Choices => ({ ok: false, code, message });
const unsupported = (kind: string): Choices =>
  refuse("type_unsupported", `This is ${kind}: only questions with options are taken.`);

/** As Moodle reads it: up to two digits, a point, more digits. */
const WEIGHT = /^%(-*[0-9]{1,2}\.?[0-9]*)%/;
const TRUE_FALSE = /^(T|TRUE|F|FALSE)$/;

function trueFalse(answers: string, read: (text: string) => string): Choices {
  const [word = "", wrong = "", right = ""] = answers.split("#");
  const isTrue = trimText(word).startsWith("T");
  const option = (text: string, is_correct: boolean) => ({
    text,
    is_correct,
    rationale: read(is_correct ? right : wrong),
  });
  return {
    ok: true,
    type: "single_choice",
    options: [option("True", isTrue), option("False", !isTrue)],
    isWeighted: false,
  };
}

export function choicesOf(answers: string, read: (text: string) => string): Choices {
  if (answers === "") return unsupported("an essay");
  if (answers.startsWith("#")) return unsupported("a question for a number");
  if (!answers.includes("~")) {
    const hash = answers.indexOf("#");
    const word = trimText(hash > 0 ? answers.slice(0, hash) : answers);
    if (TRUE_FALSE.test(word)) return trueFalse(answers, read);
    const isMatching = answers.includes("=") && answers.includes("->");
    return unsupported(isMatching ? "a matching question" : "a question for a word");
  }
  const isSingle = answers.includes("=");
  const pieces = answers.replaceAll("=", "~=").split("~").map(trimText);
  if (pieces[0] === "") pieces.shift();
  const weights: number[] = [];
  const options = pieces.map((piece) => {
    const found = piece.startsWith("=") ? null : WEIGHT.exec(piece);
    const weight = piece.startsWith("=") ? 100 : Number(found?.[1]?.replace(/^-+/, "-") ?? 0);
    weights.push(weight);
    const rest = piece.slice(piece.startsWith("=") ? 1 : found?.[0].length ?? 0);
    const hash = rest.indexOf("#");
    return {
      text: read(hash < 0 ? rest : rest.slice(0, hash)),
      is_correct: isSingle ? piece.startsWith("=") : weight > 0,
      rationale: hash < 0 ? "" : read(rest.slice(hash + 1)),
    };
  });
  if (isSingle && options.filter(({ is_correct }) => is_correct).length > 1) {
    return refuse(
      "gift_several_right",
      "Of a question with one answer, one is right. If all of them are to be chosen, write ~%50% instead of =.",
    );
  }
  const positive = weights.filter((weight) => weight > 0);
  const isWeighted = isSingle
    ? weights.some((weight) => weight > 0 && weight < 100)
    : new Set(positive).size > 1;
  return { ok: true, type: isSingle ? "single_choice" : "multiple_choice", options, isWeighted };
}
