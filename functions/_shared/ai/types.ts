// What the rest of the code may ask of an AI, whoever provides it. Expected failures are `AiError`s.

import type { z } from "zod";

export type Role = "system" | "user" | "assistant";

export interface ChatMessage {
  role: Role;
  content: string;
}

/** A piece of the material, as retrieved. */
export interface Passage {
  id: string;
  text: string;
  title?: string;
}

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  /** The part of `inputTokens` that the provider served from its cache. */
  cachedInputTokens: number;
}

/** Says what a call was for, in the records; never part of a prompt. */
export interface CallContext {
  /** "answer", "rewrite", "chat", "embed" or a module's own word. */
  purpose?: string;
  /** The row that the call works for. */
  resourceId?: string;
  /** Gives up at once when the caller does. */
  signal?: AbortSignal;
}

export interface JsonOutput<T> {
  /** Name of the schema: letters, digits, "_" and "-". */
  name: string;
  schema: z.ZodType<T>;
}

/** A picture for a model that can see. Whether it can is a matter of the model: ask only where a setting says so. */
export interface ImageInput {
  mimeType: "image/png" | "image/jpeg";
  base64: string;
}

export interface ChatRequest<T = undefined> extends CallContext {
  messages: ChatMessage[];
  /** Shown with the last message. */
  images?: ImageInput[];
  /** Material to answer from; a provider shows it to its model as data, not as instructions. */
  passages?: Passage[];
  maxOutputTokens?: number;
  temperature?: number;
  /** Ask for JSON; the result's `json` fits the schema, or the call fails with `malformed_output`. */
  output?: JsonOutput<T>;
}

export type FinishReason = "stop" | "length";

export interface CallResult {
  provider: string;
  model: string;
  usage: Usage;
  /** Millionths of a US dollar; null when the price of the model is not known. */
  costMicroUsd: number | null;
  /** Requests sent, retries and repairs included. */
  attempts: number;
  latencyMs: number;
}

export interface ChatResult<T = undefined> extends CallResult {
  text: string;
  json: T;
  /** "length": the output limit cut the text off. */
  finishReason: FinishReason;
}

export type ChatEvent =
  | { type: "delta"; text: string }
  | { type: "done"; result: ChatResult };

export interface ChatModel {
  readonly provider: string;
  readonly model: string;
  complete<T = undefined>(request: ChatRequest<T>): Promise<ChatResult<T>>;
  /**
   * Deltas, then one "done" whose text is all of them; or it throws, with what arrived in `partialText`.
   * With an `output`, they are pieces of JSON that nobody has checked.
   */
  stream(request: ChatRequest<unknown>): AsyncIterable<ChatEvent>;
}

export interface EmbedOptions extends CallContext {
  /** Some models tell a query from a document. */
  kind?: "query" | "document";
}

export interface EmbeddingResult extends CallResult {
  /** One vector a text, in order, each of length `dimensions` and of length 1. */
  vectors: number[][];
  dimensions: number;
}

export interface EmbeddingModel {
  readonly provider: string;
  readonly model: string;
  readonly dimensions: number;
  embed(texts: string[], options?: EmbedOptions): Promise<EmbeddingResult>;
}

export interface Citation {
  /** n of the marker [n] in the text: 1, 2, 3 … in the order of `citations`. */
  marker: number;
  passageId: string;
  /** Word for word what stands at `start`…`end` of the passage's text. */
  quote: string;
  start: number;
  end: number;
}

export const ANSWER_STYLES = ["teaching", "review", "exploration", "clarification"] as const;

/** What an answer is for: to explain, to go over what is known, to show connections, to put one thing right. */
export type AnswerStyle = (typeof ANSWER_STYLES)[number];

/** What was said before, oldest first. It tells what the question is about; nothing is answered from it. */
export interface History {
  /** Of what came before the turns. */
  summary: string;
  turns: { role: "student" | "coach"; text: string }[];
}

export interface AnswerRequest extends CallContext {
  question: string;
  passages: Passage[];
  style?: AnswerStyle;
  history?: History;
  /** The question with what it refers to spelled out, for a provider that does not read the history. */
  standalone?: string;
  /** BCP 47; the answer's language. Default: that of the question. */
  language?: string;
  /** What an expert asked to be changed in an earlier version. */
  notes?: string;
  /**
   * Hands on the text while it is written. Every marker in it is a citation that has been verified; together the
   * pieces are the `text` of the result.
   */
  onDelta?: (text: string) => void;
  /** The citations that the markers of the next pieces point at, verified. Called again, the last ones count. */
  onCitations?: (citations: Citation[]) => void;
  /** The text had to be begun anew: what was handed on so far does not count. */
  onRestart?: () => void;
}

export interface Answer extends CallResult {
  /** Plain text with markers [1], [2] …; `NOT_COVERED_TEXT` when `covered` is false. */
  text: string;
  citations: Citation[];
  /** 0–1: how far the cited passages carry the answer. */
  confidence: number;
  /** False: the material does not answer the question. */
  covered: boolean;
  /** Citations of the model that were not in the passages, and so were dropped. */
  droppedCitations: number;
  /** What of the request the provider could not honour, or only in part. */
  notHonoured?: ("style" | "history")[];
}

export interface RewriteRequest extends CallContext {
  text: string;
  citations: Citation[];
}

export interface Rewrite extends CallResult {
  text: string;
  /** What was changed, in words; empty when the text stays as it was. */
  changes: string[];
  /** Why a rewriting was thrown away, if one was. */
  rejectedBecause?: string;
}

export interface AnswerModel {
  readonly provider: string;
  readonly model: string;
  answerFromPassages(request: AnswerRequest): Promise<Answer>;
  rewritePlainly(request: RewriteRequest): Promise<Rewrite>;
}

/** The one wording for "not in the material", so that nobody takes it for an answer. */
export const NOT_COVERED_TEXT = "The material does not answer this question.";

export const noUsage = (): Usage => ({ inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 });
