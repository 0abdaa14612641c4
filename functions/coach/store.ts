// The database behind the coach. Whatever is answered from is read as the caller: row-level security decides what he, and
// so the coach, may see. Answers and what they cost are written as a service, because no client may.

import type { SupabaseClient } from "@supabase/supabase-js";
import type { CoachStore, Conversation, Message, Spent, Turn } from "../_shared/coach/types.ts";
import type { Database, Json } from "../_shared/db/types.ts";
import { failFrom, ok, type Result, UnexpectedDatabaseError } from "../_shared/http/index.ts";
import type { DatabaseError } from "../_shared/http/index.ts";
import type { Turns } from "./handler.ts";
import { chunkRows, documentRows, turnOf } from "./rows.ts";

type Client = SupabaseClient<Database>;

const MOST_MESSAGES = 40;
const MESSAGE = "id, conversation_id, message_no, role, content, status, attempt_no, error_code, " +
  "reply_to_id, client_id, is_covered, confidence, provider, model, response_ms, created_at";

interface Reply<T> {
  data: T | null;
  error: DatabaseError | null;
}

/** What was not foreseen is thrown. */
const taken = <T>({ data, error }: Reply<T>): T => {
  if (error) throw new UnexpectedDatabaseError(error);
  return data as T;
};

const result = <T>({ data, error }: Reply<unknown>): Result<T> =>
  error ? failFrom(error) : ok(data as T);

export const callerTurns = (caller: Client): Turns => {
  const study = caller.schema("study");
  const turn = (reply: Reply<unknown>): Result<Turn> =>
    reply.error ? failFrom(reply.error) : ok(turnOf(reply.data));
  return {
    start: async (id, { type, topic, material_ids, title }) =>
      result(
        await study.rpc("start_conversation", {
          p_conversation_id: id,
          p_type: type,
          p_topic: topic,
          p_material_ids: material_ids,
          p_title: title,
        }),
      ),
    ask: async (conversationId, content, clientId) =>
      turn(
        await study.rpc("ask_coach", {
          p_conversation_id: conversationId,
          p_content: content,
          p_client_id: clientId,
        }),
      ),
    resume: async (answerId) => turn(await study.rpc("resume_answer", { p_answer_id: answerId })),
  };
};

const usageOf = ({ provider, model, usage, costMicroUsd }: Spent, busyMs: number): Json => ({
  provider,
  model,
  input_tokens: usage.inputTokens,
  output_tokens: usage.outputTokens,
  cost_micro_usd: costMicroUsd,
  busy_ms: busyMs,
});

export const coachStore = (caller: Client, admin: Client, userId: string): CoachStore => {
  const mine = caller.schema("study");
  const service = admin.schema("study");
  return {
    conversation: async (id) =>
      taken(
        await mine.from("chat_conversations")
          .select("id, conversation_type, topic_id, material_ids, summary, summarised_to")
          .eq("id", id).single(),
      ) as Conversation,

    messages: async (conversationId, before) => {
      const rows = taken(
        await mine.from("chat_messages").select(MESSAGE)
          .eq("conversation_id", conversationId).lt("message_no", before)
          .order("message_no", { ascending: false }).limit(MOST_MESSAGES),
      ) as unknown as Message[];
      return rows.reverse();
    },

    embeddingModel: async () => {
      const active = await mine.from("embedding_models").select("model").eq("status", "active")
        .maybeSingle();
      return taken(active)?.model ?? null;
    },

    chunks: async ({ query, embedding, materialIds, topicId, limit }) =>
      chunkRows(taken(
        await mine.rpc("search_chunks", {
          p_query: query,
          p_query_embedding: embedding?.vector,
          p_model: embedding?.model,
          p_material_ids: materialIds.length > 0 ? materialIds : undefined,
          p_topic_id: topicId ?? undefined,
          p_limit: limit,
        }),
      )),

    documents: async ({ query, topicId, limit }) =>
      documentRows(taken(
        await mine.rpc("coach_documents", {
          p_query: query,
          p_topic_id: topicId ?? undefined,
          p_limit: limit,
        }),
      )),

    keep: async (answer, content) =>
      taken(
        await service.rpc("keep_answer", {
          p_answer_id: answer.id,
          p_attempt_no: answer.attempt_no,
          p_content: content ?? undefined,
        }),
      ) === true,

    finish: async (answer, ending, spent, busyMs) =>
      result(
        await service.rpc("finish_answer", {
          p_answer_id: answer.id,
          p_attempt_no: answer.attempt_no,
          p_status: ending.status,
          p_content: ending.content ?? undefined,
          p_citations: ending.claims as unknown as Json,
          p_is_covered: ending.isCovered ?? undefined,
          p_confidence: ending.confidence ?? undefined,
          p_usage: usageOf(spent, busyMs),
          p_error_code: ending.errorCode ?? undefined,
        }),
      ),

    countUsage: async (spent, busyMs) => {
      const usage = { p_user_id: userId, p_usage: usageOf(spent, busyMs) };
      taken(await service.rpc("count_coach_usage", usage));
    },

    // The answer is the caller's, since ask_coach or resume_answer named it to him. His token may have run out meanwhile.
    recorded: async (answerId) => {
      const [answer, citations] = await Promise.all([
        service.from("chat_messages").select(MESSAGE).eq("id", answerId).maybeSingle(),
        service.from("message_citations").select().eq("message_id", answerId).order("marker"),
      ]);
      const message = taken(answer) as unknown as Message | null;
      return message && { answer: message, citations: taken(citations) };
    },

    saveSummary: async ({ id }, summary, upTo) => {
      const row = { p_conversation_id: id, p_summary: summary, p_up_to: upTo };
      taken(await service.rpc("save_conversation_summary", row));
    },
  };
};
