// What the coach works with, wherever it comes from.

import type { AnswerStyle, Usage } from "../ai/types.ts";
import type { Result } from "../http/result.ts";

export interface Conversation {
  id: string;
  conversation_type: AnswerStyle;
  topic_id: string | null;
  material_ids: string[];
  summary: string;
  summarised_to: number;
}

/** A message as the database has it; more columns than these are handed on to the client. */
export interface Message {
  id: string;
  conversation_id: string;
  message_no: number;
  role: "user" | "assistant";
  content: string;
  status: "streaming" | "completed" | "stopped" | "failed";
  attempt_no: number;
  error_code: string | null;
  [column: string]: unknown;
}

/** A question and the place of its answer. */
export interface Turn {
  question: Message;
  answer: Message;
  /** False: this question was asked before, with the same client_id. */
  is_new: boolean;
}

/** A passage that the coach may answer from. */
export interface Source {
  id: string;
  source: "material" | "qa" | "social" | "passage";
  title: string;
  text: string;
  material_id: string | null;
  heading_path: string[];
  page_number: number | null;
  page_end: number | null;
}

/** A citation as it is recorded: the database looks it up again. */
export interface Claim {
  marker: number;
  chunk_id?: string;
  document_id?: string;
  quote: string;
}

export interface Spent {
  provider: string | null;
  model: string | null;
  usage: Pick<Usage, "inputTokens" | "outputTokens">;
  /** Null: not known. */
  costMicroUsd: number | null;
}

export type EndStatus = "completed" | "stopped" | "failed";

export interface Ending {
  status: EndStatus;
  /** Null: nothing was shown, what was there before stays. */
  content: string | null;
  claims: Claim[];
  isCovered: boolean | null;
  confidence: number | null;
  errorCode: string | null;
}

export interface Search {
  query: string;
  embedding: { vector: string; model: string } | null;
  materialIds: string[];
  topicId: string | null;
  limit: number;
}

/** The database as the coach uses it. What is read is read with the rights of whoever asks. */
export interface CoachStore {
  conversation(id: string): Promise<Conversation>;
  /** The last ones before this number, completed or not, oldest first. */
  messages(conversationId: string, before: number): Promise<Message[]>;
  /** The model whose vectors are searched; null while there is none. */
  embeddingModel(): Promise<string | null>;
  chunks(search: Search): Promise<Source[]>;
  documents(search: Search): Promise<Source[]>;
  /** False: it was stopped, taken over or deleted. */
  keep(answer: Message, content: string | null): Promise<boolean>;
  finish(
    answer: Message,
    ending: Ending,
    spent: Spent,
    busyMs: number,
  ): Promise<Result<{ recorded: boolean; status: string }>>;
  countUsage(spent: Spent, busyMs: number): Promise<void>;
  recorded(answerId: string): Promise<{ answer: Message; citations: unknown[] } | null>;
  saveSummary(conversation: Conversation, summary: string, upTo: number): Promise<void>;
}
