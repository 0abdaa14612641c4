// What a model is told about answering from passages.

import { asData, DATA_RULE } from "./prompt-data.ts";
import type { AnswerRequest, AnswerStyle } from "./types.ts";

const ANSWER_RULES = [
  "You answer a student's question from numbered passages of course material, and from nothing else.",
  "Rules:",
  "- Use only what the passages say. What you know otherwise does not count.",
  "- If they do not answer the question, set covered to false, leave answer empty and cite nothing.",
  "- Put a marker after each statement: [1] is the first entry of citations, [2] the second, and so on.",
  "- A citation names the passage's number and quotes it word for word: one or two whole sentences.",
  "- Write plain text, without markup or headings, as briefly as the question allows.",
  "- confidence, from 0 to 1: how fully the passages carry your answer.",
].join("\n");

const STYLE_RULES: Record<AnswerStyle, string> = {
  teaching:
    "- You teach: from what is simple to what builds on it, each step one statement of the passages. " +
    "End with one short question by which the student can test himself; the passages answer it, you do not.",
  review:
    "- You go over what the student learnt: the points that matter, one short sentence each, nothing " +
    "around them. Where he said something before that the passages contradict, say so.",
  exploration:
    "- You show connections: how the passages belong together, where they differ, and what they raise " +
    "but leave open.",
  clarification:
    "- You put one thing right: one to three sentences, no more than was asked, no introduction.",
};

export const answerRules = ({ style }: AnswerRequest): string =>
  [ANSWER_RULES, ...(style ? [STYLE_RULES[style]] : []), DATA_RULE].join("\n");

/** The question with all that it needs, as data. */
export const answerQuestion = (request: AnswerRequest): string =>
  [
    request.language
      ? `Answer in this language: ${request.language.replace(/[^A-Za-z0-9-]/g, "")}`
      : "",
    request.notes
      ? `An expert asks for this in the new version:\n${asData("notes", { text: request.notes })}`
      : "",
    request.history && (request.history.summary !== "" || request.history.turns.length > 0)
      ? `What was said before. It tells what the question is about; answer nothing from it:\n${
        asData("conversation", request.history)
      }`
      : "",
    `The question:\n${asData("question", { text: request.question })}`,
  ].filter((part) => part !== "").join("\n\n");
