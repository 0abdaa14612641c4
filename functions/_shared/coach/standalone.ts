// A follow-up question is searched for with what it refers to spelled out: by one small call of the model, without a model
// by the words of the questions before.

import { z } from "zod";
import { leansOnEarlier, spellOut } from "../ai/local/follow-up.ts";
import { asData, DATA_RULE } from "../ai/prompt-data.ts";
import { isLocal } from "../ai/local.ts";
import type { ChatModel, History } from "../ai/types.ts";
import { countWords } from "../text/tokens.ts";
import type { Meter } from "./meter.ts";

const RULES = [
  "You rewrite the last question of a conversation so that it is understood without the conversation.",
  "- Put in what its pronouns and omissions refer to. Add nothing else, answer nothing.",
  "- Keep its language. When it is understood as it is, repeat it word for word.",
  DATA_RULE,
].join("\n");

const Output = z.object({ question: z.string() });
const MAX_LENGTH = 600;
const TURNS = 6;
const TIME_LIMIT_MS = 8_000;
/** Longer ones say themselves what they are about, in whatever language. */
const WORDS = 8;

export interface StandaloneRequest {
  question: string;
  history: History;
  resourceId: string;
  signal: AbortSignal;
}

export async function makeStandalone(
  chat: ChatModel,
  meter: Meter,
  { question, history, resourceId, signal }: StandaloneRequest,
): Promise<string> {
  const earlier = history.turns.filter(({ role }) => role === "student").map(({ text }) => text);
  if (earlier.length === 0) return question;
  if (isLocal(chat)) return spellOut(question, earlier);
  if (!leansOnEarlier(question) && countWords(question) >= WORDS) return question;
  const conversation = { ...history, turns: history.turns.slice(-TURNS) };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MS)]);
  try {
    const result = await chat.complete({
      purpose: "study.rewrite",
      resourceId,
      signal: limit,
      temperature: 0,
      maxOutputTokens: 200,
      messages: [
        { role: "system", content: RULES },
        {
          role: "user",
          content: [
            `The conversation:\n${asData("conversation", conversation)}`,
            `The question to rewrite:\n${asData("question", { text: question })}`,
          ].join("\n\n"),
        },
      ],
      output: { name: "standalone_question", schema: Output },
    });
    meter.add(result);
    const rewritten = result.json.question.trim().slice(0, MAX_LENGTH);
    return rewritten === "" ? question : rewritten;
  } catch (error) {
    // It only helps the search: without it there are still the words.
    if (signal.aborted) throw error;
    meter.estimate(chat, JSON.stringify(conversation).length + question.length, 0);
    return spellOut(question, earlier);
  }
}
