// What a model is told when it plans a curriculum, and the shape of what it has to answer.

import { z } from "zod";
import { asData } from "./prompt-data.ts";
import type { PlanRequest } from "./curriculum-types.ts";
import { plainText } from "./plain-text.ts";

export const OUTLINE_RULES = [
  "You plan a curriculum for one learner, from numbered passages of study material.",
  "Rules:",
  "- Exactly as many sessions as the request says, from basics to details, with a review now and then.",
  "- passages: numbers of the passages that a session works through. Never a number that is not there.",
  "- requires: numbers of earlier sessions that must be done before, as few as needed.",
  "- minutes: at most the minutes of a session that the request says.",
  "- Titles in plain text, short, in the language of the request.",
].join("\n");

export const DETAIL_RULES = [
  "You work out some sessions of a curriculum for one learner, from numbered passages of study material.",
  "Rules:",
  "- One entry for each session of the list, in its order.",
  "- objectives: 2 to 5, each beginning with a verb, that fit into the minutes of the session.",
  "- materials: what to read and do, from the passages, in at most 120 words. Plain text, no links.",
  "- notes: a hint for the learner, or empty.",
  "- quotes: at most 3 sentences that matter most, word for word, with the number of their passage.",
  "- Write in the language of the request.",
].join("\n");

const filled = (text: string) => plainText(text) !== "";

export const outlineSchema = (sessions: number) =>
  z.object({
    title: z.string().refine(filled, "is empty"),
    sessions: z.array(z.object({
      title: z.string().refine(filled, "is empty"),
      minutes: z.number(),
      passages: z.array(z.number()),
      requires: z.array(z.number()),
    })).length(sessions),
  });

export const detailSchema = (sessions: number) =>
  z.object({
    sessions: z.array(z.object({
      objectives: z.array(z.string().refine(filled, "is empty")).min(1),
      materials: z.string(),
      notes: z.string(),
      quotes: z.array(z.object({ passage: z.number(), quote: z.string() })),
    })).length(sessions),
  });

export const requestData = (request: PlanRequest, more: Record<string, unknown> = {}) =>
  `The request:\n${
    asData("question", {
      subject: request.subject,
      topic: request.topic,
      skill_level: request.skillLevel,
      goals: request.goals,
      background: request.background,
      language: request.language,
      sessions: request.totalSessions,
      minutes_of_a_session: request.sessionMinutes,
      ...more,
    })
  }`;
