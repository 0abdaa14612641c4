// Questions by a language model. It proposes; code checks what it says, and a second call, which does not know the key,
// has to find the same answer in the passage.

import { z } from "zod";
import { plainText } from "../ai/plain-text.ts";
import { asData, DATA_RULE } from "../ai/prompt-data.ts";
import type { ChatModel } from "../ai/types.ts";
import { findQuote } from "../text/quotes.ts";
import { hash } from "./cloze/distractors.ts";
import {
  count,
  type Difficulty,
  type GeneratedQuestion,
  type Made,
  type Option,
  type SourcePassage,
} from "./types.ts";
import { faultOf } from "./validate.ts";

const Written = z.object({
  questions: z.array(z.object({
    vignette: z.string(),
    options: z.array(
      z.object({ text: z.string(), is_correct: z.boolean(), rationale: z.string() }),
    ),
    correct_explanation: z.string(),
    pathophysiology: z.string(),
    clinical_relevance: z.string(),
    quote: z.string(),
  })),
});
type WrittenQuestion = z.infer<typeof Written>["questions"][number];

const Checked = z.object({
  answer: z.number(),
  only_one_is_right: z.boolean(),
  passage_says_so: z.boolean(),
});

const RULES = [
  "You write multiple-choice questions for students, from one passage of their course material and from nothing else.",
  "Rules:",
  "- Each question can be answered from the passage; what you know otherwise does not count.",
  "- Four or five options, exactly one of them right. The others are wrong by the passage, plausible, of the same kind and of like length.",
  '- No "all of the above", "none of the above" or the like.',
  "- The vignette stands by itself, does not mention the passage, and does not hold the answer.",
  "- quote: one or two whole sentences of the passage, word for word, that say the answer in its own words.",
  "- rationale of each option: why it is right or wrong, in one sentence. correct_explanation: why the right one is, in two.",
  "- pathophysiology and clinical_relevance: only what the passage says of it; else empty.",
  "- Plain text, without markup. The language of the passage. If the passage carries no question, write none.",
].join("\n");

const CHECK_RULES = [
  "You answer a multiple-choice question from one passage, and from nothing else.",
  "- answer: the number of the right option; 0 when the passage does not say.",
  "- only_one_is_right: false when the passage makes two options right, or when two say the same.",
  "- passage_says_so: false when one needs to know more than the passage says.",
].join("\n");

const LEVELS: Record<Difficulty, string> = {
  easy: "easy: recall of one statement",
  medium: "medium: the statement has to be understood, not only recalled",
  hard: "hard: two statements of the passage have to be put together",
  nbme:
    "nbme: a short clinical vignette (age, sex, complaint, findings) and one question about it, as in board examinations",
};

const MAX_TOKENS = 2_500;

export interface PromptedDeps {
  chat: ChatModel;
  signal: AbortSignal;
  resourceId: string;
}

/** In an order that says nothing of which is right. */
const mixed = (options: Option[]): Option[] =>
  [...options].sort((a, b) => hash(a.text) - hash(b.text));

function itemOf(
  written: WrittenQuestion,
  passage: SourcePassage,
  difficulty: Difficulty,
): GeneratedQuestion {
  const span = findQuote(passage.content, written.quote);
  return {
    chunk_id: passage.chunk_id,
    quote: span ? passage.content.slice(span.start, span.end) : "",
    difficulty,
    content: {
      vignette: plainText(written.vignette),
      options: mixed(written.options.map(({ text, is_correct, rationale }) => ({
        text: plainText(text),
        is_correct,
        rationale: plainText(rationale),
      }))),
      explanation: {
        correct_explanation: plainText(written.correct_explanation),
        pathophysiology: plainText(written.pathophysiology),
        clinical_relevance: plainText(written.clinical_relevance),
      },
    },
  };
}

const shown = (passage: SourcePassage) => [{
  id: passage.chunk_id,
  text: passage.content,
  title: passage.heading_path.join(" › "),
}];

/** Whoever reads the passage and not the key comes to the same answer. */
async function isConfirmed(
  deps: PromptedDeps,
  item: GeneratedQuestion,
  passage: SourcePassage,
): Promise<boolean> {
  const { vignette, options } = item.content;
  const asked = [vignette, ...options.map(({ text }, i) => `${i + 1}. ${text}`)].join("\n");
  const { json } = await deps.chat.complete({
    purpose: "study.check_question",
    resourceId: deps.resourceId,
    signal: deps.signal,
    temperature: 0,
    maxOutputTokens: 200,
    passages: shown(passage),
    messages: [
      { role: "system", content: `${CHECK_RULES}\n${DATA_RULE}` },
      { role: "user", content: asData("question", { text: asked }) },
    ],
    output: { name: "checked_question", schema: Checked },
  });
  return json.only_one_is_right && json.passage_says_so &&
    options[json.answer - 1]?.is_correct === true;
}

export async function askForQuestions(
  deps: PromptedDeps,
  passage: SourcePassage,
  difficulty: Difficulty,
  most: number,
): Promise<Made> {
  const refused: Record<string, number> = {};
  const { json } = await deps.chat.complete({
    purpose: "study.generate_questions",
    resourceId: deps.resourceId,
    signal: deps.signal,
    temperature: 0.4,
    maxOutputTokens: MAX_TOKENS,
    passages: shown(passage),
    messages: [
      { role: "system", content: `${RULES}\n${DATA_RULE}` },
      {
        role: "user",
        content: `Write up to ${most} questions. Difficulty: ${LEVELS[difficulty]}.`,
      },
    ],
    output: { name: "questions_of_passage", schema: Written },
  });
  const questions: GeneratedQuestion[] = [];
  for (const written of json.questions.slice(0, most)) {
    const item = itemOf(written, passage, difficulty);
    const fault = faultOf(item, passage);
    if (fault) count(refused, fault);
    else if (await isConfirmed(deps, item, passage)) questions.push(item);
    else count(refused, "answer_not_confirmed");
  }
  return { questions, refused };
}
