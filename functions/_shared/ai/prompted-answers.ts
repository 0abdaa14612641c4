// Answers and rewritings by a language model. The model proposes; code decides what stands.

import { z } from "zod";
import { answerQuestion, answerRules } from "./answer-prompt.ts";
import { type ClaimedCitation, verifyCitations } from "./citations.ts";
import { plainText } from "./plain-text.ts";
import { asData, DATA_RULE } from "./prompt-data.ts";
import { rewriteFault } from "./rewrite-check.ts";
import { AnswerWriter, completeWriting } from "./streamed-answer.ts";
import {
  type Answer,
  type AnswerModel,
  type AnswerRequest,
  type CallResult,
  type ChatModel,
  type ChatRequest,
  NOT_COVERED_TEXT,
  type RewriteRequest,
} from "./types.ts";

/** The answer comes last, so that it can be handed on while it is written: its citations are known by then. */
const AnswerOutput = z.object({
  covered: z.boolean(),
  confidence: z.number(),
  citations: z.array(z.object({ passage: z.number(), quote: z.string() })),
  answer: z.string(),
});

const AnswerHead = AnswerOutput.pick({ covered: true, citations: true });

const RewriteOutput = z.object({ text: z.string(), changes: z.array(z.string()) });

const REWRITE_RULES = [
  "You put an answer into plain, readable wording for a student. It stays an answer written by an AI; do not hide that.",
  "Rules:",
  "- Short sentences, everyday words, the technical terms kept. No new facts, none left out.",
  "- Keep every marker like [1] with its statement. Do not touch numbers, units, negations or quotations.",
  "- Keep a note that an AI wrote it word for word where there is one.",
  "- changes: what you changed, in a few words each.",
].join("\n");

const MAX_ANSWER_TOKENS = 1_500;

const resultOf = (
  { provider, model, usage, costMicroUsd, attempts, latencyMs }: CallResult,
): CallResult => ({
  provider,
  model,
  usage,
  costMicroUsd,
  attempts,
  latencyMs,
});

const clamp = (value: number): number =>
  Number.isFinite(value) ? Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000 : 0;

const NOT_COVERED_CONFIDENCE = 0.2;

const decide = (
  output: z.infer<typeof AnswerOutput>,
  request: AnswerRequest,
): Omit<Answer, keyof CallResult> => {
  const claims: ClaimedCitation[] = output.citations;
  const verified = verifyCitations(plainText(output.answer), claims, request.passages);
  const covered = output.covered && verified.citations.length > 0 && verified.text !== "";
  if (!covered) {
    return {
      text: NOT_COVERED_TEXT,
      citations: [],
      confidence: Math.min(NOT_COVERED_CONFIDENCE, clamp(output.confidence)),
      covered,
      droppedCitations: verified.dropped,
    };
  }
  // Each citation that was made up takes its share of the trust.
  const share = (claims.length - verified.dropped) / claims.length;
  return {
    text: verified.text,
    citations: verified.citations,
    confidence: clamp(clamp(output.confidence) * share),
    covered,
    droppedCitations: verified.dropped,
  };
};

const notAsked = (chat: ChatModel): CallResult => ({
  provider: chat.provider,
  model: chat.model,
  usage: { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 },
  costMicroUsd: 0,
  attempts: 0,
  latencyMs: 0,
});

export const createPromptedAnswers = (chat: ChatModel): AnswerModel => ({
  provider: chat.provider,
  model: chat.model,

  async answerFromPassages(request) {
    // Without passages there is nothing to answer from, and nothing to pay for.
    if (request.passages.length === 0) {
      request.onDelta?.(NOT_COVERED_TEXT);
      return {
        text: NOT_COVERED_TEXT,
        citations: [],
        confidence: 0,
        covered: false,
        droppedCitations: 0,
        ...notAsked(chat),
      };
    }
    const { purpose = "answer", resourceId, signal } = request;
    const asked = {
      purpose,
      resourceId,
      signal,
      temperature: 0.2,
      maxOutputTokens: MAX_ANSWER_TOKENS,
      passages: request.passages,
      messages: [
        { role: "system", content: answerRules(request) },
        { role: "user", content: answerQuestion(request) },
      ],
      output: { name: "answer_from_passages", schema: AnswerOutput },
    } satisfies ChatRequest<z.infer<typeof AnswerOutput>>;
    const writer = request.onDelta && new AnswerWriter(request, AnswerHead);
    const result = await (writer ? completeWriting(chat, asked, writer) : chat.complete(asked));
    const answer = { ...decide(result.json, request), ...resultOf(result) };
    writer?.finish(answer);
    return answer;
  },

  async rewritePlainly(request: RewriteRequest) {
    const { purpose = "rewrite", resourceId, signal } = request;
    const result = await chat.complete({
      purpose,
      resourceId,
      signal,
      temperature: 0.3,
      maxOutputTokens: MAX_ANSWER_TOKENS,
      messages: [
        { role: "system", content: `${REWRITE_RULES}\n${DATA_RULE}` },
        { role: "user", content: asData("answer", { text: request.text }) },
      ],
      output: { name: "plain_rewriting", schema: RewriteOutput },
    });
    const text = plainText(result.json.text);
    const fault = rewriteFault(request.text, text);
    if (fault !== null) {
      return { text: request.text, changes: [], rejectedBecause: fault, ...resultOf(result) };
    }
    const changes = text === request.text
      ? []
      : result.json.changes.slice(0, 20).map((item) => plainText(item).slice(0, 200));
    return { text, changes, ...resultOf(result) };
  },
});
