// What was said before, as it goes along with a question, and what of it is summed up when it gets long.

import { z } from "zod";
import { isLocal } from "../ai/local.ts";
import { withoutMarkers } from "../ai/markers.ts";
import { plainText } from "../ai/plain-text.ts";
import { asData, DATA_RULE } from "../ai/prompt-data.ts";
import type { ChatModel, History } from "../ai/types.ts";
import { splitSentences } from "../text/sentences.ts";
import { truncate } from "../text/normalise.ts";
import type { Meter } from "./meter.ts";
import type { Message } from "./types.ts";

const MAX_TURNS = 12;
const MAX_TURN_LENGTH = 1_200;
/** So many messages wait before the older ones are summed up; so many stay as they are. */
const SUMMARISE_AT = 16;
const KEEP = 6;
const MAX_SUMMARY = 4_000;
const TIME_LIMIT_MS = 30_000;

const isSaid = ({ role, status, content }: Message): boolean =>
  content !== "" && (role === "user" || status === "completed" || status === "stopped");

/** Markers of earlier answers point at passages that are not given any more. */
const turnOf = ({ role, content }: Message): History["turns"][number] => ({
  role: role === "user" ? "student" : "coach",
  text: truncate(withoutMarkers(content), MAX_TURN_LENGTH),
});

/** `messages`: those that are not summed up yet, oldest first. */
export const historyOf = (summary: string, messages: readonly Message[]): History => ({
  summary,
  turns: messages.filter(isSaid).map(turnOf).slice(-MAX_TURNS),
});

const RULES = [
  "You sum up a conversation between a student and his coach, for the coach to remember.",
  "- What the student wanted to know, what he understood and what not, what was left open. At most 200 words.",
  "- Only what was said. The earlier summary is part of it.",
  DATA_RULE,
].join("\n");
const Output = z.object({ summary: z.string() });

/** Without a model: each question with the first sentence of its answer; of much, the latest. */
const extract = (summary: string, turns: History["turns"]): string => {
  const lines = turns.map(({ role, text }) =>
    role === "student"
      ? `Asked: ${truncate(text, 200)}`
      : `Answered: ${truncate(splitSentences(text)[0]?.text ?? text, 300)}`
  );
  const all = [...summary.split("\n").filter((line) => line !== ""), ...lines];
  while (all.length > 1 && all.join("\n").length > MAX_SUMMARY) all.shift();
  return truncate(all.join("\n"), MAX_SUMMARY);
};

export interface Summary {
  text: string;
  upTo: number;
}

/** Null while there is little to sum up. */
export async function summarise(
  chat: ChatModel,
  meter: Meter,
  before: string,
  messages: readonly Message[],
): Promise<Summary | null> {
  if (messages.length < SUMMARISE_AT) return null;
  const older = messages.slice(0, -KEEP);
  const upTo = older.at(-1)?.message_no;
  if (upTo === undefined) return null;
  const turns = older.filter(isSaid).map(turnOf);
  if (isLocal(chat)) return { text: extract(before, turns), upTo };
  const data = { summary: before, turns };
  try {
    const result = await chat.complete({
      purpose: "study.summarise",
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
      temperature: 0,
      maxOutputTokens: 600,
      messages: [
        { role: "system", content: RULES },
        { role: "user", content: `The conversation:\n${asData("conversation", data)}` },
      ],
      output: { name: "summary", schema: Output },
    });
    meter.add(result);
    const text = truncate(plainText(result.json.summary), MAX_SUMMARY);
    return { text: text === "" ? extract(before, turns) : text, upTo };
  } catch {
    meter.estimate(chat, JSON.stringify(data).length, 0);
    return { text: extract(before, turns), upTo };
  }
}
