// Curricula planned by a language model: first an outline, then the sessions, a few at a time, so that no answer is long.
// The model proposes; code decides what stands. It only ever names passages by their numbers.

import type { z } from "zod";
import { findQuote } from "../text/quotes.ts";
import { collapseWhitespace, truncate } from "../text/normalise.ts";
import type {
  Plan,
  PlanModel,
  PlannedSession,
  PlanPassage,
  PlanRequest,
} from "./curriculum-types.ts";
import { addUsage } from "./openai-usage.ts";
import { plainText } from "./plain-text.ts";
import {
  DETAIL_RULES,
  detailSchema,
  OUTLINE_RULES,
  outlineSchema,
  requestData,
} from "./plan-prompts.ts";
import { DATA_RULE } from "./prompt-data.ts";
import {
  type CallResult,
  type ChatModel,
  type ChatResult,
  noUsage,
  type Passage,
} from "./types.ts";

const BATCH = 6;
const OUTLINE_EXCERPT = 400;
const DETAIL_EXCERPT = 3_000;
const MAX_QUOTE = 1_000;

type Outline = z.infer<ReturnType<typeof outlineSchema>>;
type Detail = z.infer<ReturnType<typeof detailSchema>>["sessions"][number];
type OutlinedSession = Omit<Outline["sessions"][number], "minutes"> & {
  no: number;
  minutes: number | null;
};

const line = (text: string, max: number) => truncate(collapseWhitespace(plainText(text)), max);
const block = (text: string, max: number) => truncate(plainText(text), max);

const shown = (passages: readonly PlanPassage[], length: number): Passage[] =>
  passages.map(({ id, title, headings, text }) => ({
    id,
    title: [...new Set([title ?? "", ...headings])].filter((part) => part !== "").join(" › "),
    text: truncate(text, length),
  }));

/** Whole numbers within the range, each once; whatever else a model names is dropped. */
const numbersIn = (values: readonly number[], last: number): number[] =>
  [...new Set(values)].filter((n) => Number.isInteger(n) && n >= 1 && n <= last);

const readOutline = (outline: Outline, request: PlanRequest): OutlinedSession[] =>
  outline.sessions.map(({ title, minutes, passages, requires }, index) => {
    const whole = Math.round(minutes);
    const fits = Number.isFinite(whole) && whole >= 5 && whole < request.sessionMinutes;
    return {
      no: index + 1,
      title: line(title, 255),
      minutes: fits ? whole : null,
      passages: numbersIn(passages, request.passages.length).slice(0, 8),
      requires: numbersIn(requires, index).slice(0, 20),
    };
  });

const sessionOf = (
  outlined: OutlinedSession,
  detail: Detail,
  given: readonly PlanPassage[],
  request: PlanRequest,
): PlannedSession => {
  const quotes = new Map<string, string>();
  for (const { passage: number, quote } of detail.quotes) {
    const passage = given[number - 1];
    const span = passage && quote.length <= MAX_QUOTE ? findQuote(passage.text, quote) : null;
    if (passage && span && !quotes.has(passage.id)) {
      quotes.set(passage.id, passage.text.slice(span.start, span.end));
    }
  }
  const named = outlined.passages.flatMap((number) => request.passages[number - 1]?.id ?? []);
  return {
    title: outlined.title,
    objectives: detail.objectives.slice(0, 8).map((text) => line(text, 300)),
    materials: block(detail.materials, 4_000),
    notes: block(detail.notes, 1_000),
    minutes: outlined.minutes,
    requires: outlined.requires,
    passages: [...new Set([...named, ...quotes.keys()])].slice(0, 10)
      .map((passageId) => ({ passageId, quote: quotes.get(passageId) ?? "" })),
  };
};

export const createPromptedPlans = (chat: ChatModel): PlanModel => ({
  provider: chat.provider,
  model: chat.model,

  async plan(request): Promise<Plan> {
    const spent: CallResult = {
      provider: chat.provider,
      model: chat.model,
      usage: noUsage(),
      costMicroUsd: 0,
      attempts: 0,
      latencyMs: 0,
    };
    const count = <T>(result: ChatResult<T>): T => {
      spent.model = result.model;
      spent.usage = addUsage(spent.usage, result.usage);
      spent.costMicroUsd = spent.costMicroUsd === null || result.costMicroUsd === null
        ? null
        : spent.costMicroUsd + result.costMicroUsd;
      spent.attempts += result.attempts;
      spent.latencyMs += result.latencyMs;
      return result.json;
    };
    const { purpose = "plan", resourceId, signal, totalSessions } = request;
    const asked = { purpose, resourceId, signal, temperature: 0.3 };

    const outline = count(
      await chat.complete({
        ...asked,
        maxOutputTokens: 500 + 100 * totalSessions,
        passages: shown(request.passages, OUTLINE_EXCERPT),
        messages: [
          { role: "system", content: `${OUTLINE_RULES}\n${DATA_RULE}` },
          { role: "user", content: requestData(request) },
        ],
        output: { name: "curriculum_outline", schema: outlineSchema(totalSessions) },
      }),
    );
    const outlined = readOutline(outline, request);
    await request.onProgress?.(0.3);

    const sessions: PlannedSession[] = [];
    for (let from = 0; from < outlined.length; from += BATCH) {
      const batch = outlined.slice(from, from + BATCH);
      const given = request.passages.filter((_passage, index) =>
        batch.some(({ passages }) => passages.includes(index + 1))
      );
      const detail = count(
        await chat.complete({
          ...asked,
          maxOutputTokens: 500 + 500 * batch.length,
          passages: shown(given, DETAIL_EXCERPT),
          messages: [
            { role: "system", content: `${DETAIL_RULES}\n${DATA_RULE}` },
            {
              role: "user",
              content: requestData(request, {
                work_out: batch.map(({ no, title, minutes, passages }) => ({
                  number: no,
                  title,
                  minutes: minutes ?? request.sessionMinutes,
                  // Numbered as they are shown here.
                  passages: passages.map((number) =>
                    given.indexOf(request.passages[number - 1]!) + 1
                  ),
                })),
              }),
            },
          ],
          output: { name: "curriculum_sessions", schema: detailSchema(batch.length) },
        }),
      );
      sessions.push(
        ...batch.map((session, index) =>
          sessionOf(session, detail.sessions[index]!, given, request)
        ),
      );
      await request.onProgress?.(0.3 + 0.7 * sessions.length / outlined.length);
    }
    return { title: line(outline.title, 255), sessions, ...spent };
  },
});
