import type { SupabaseClient } from "@supabase/supabase-js";
import type { AiCallEntry, RecordCall } from "./record.ts";
import type { Database } from "../db/types.ts";

/** Calls of AI providers into ops.ai_calls: what they cost and how they ended, never what was said. */
export const recordAiCalls = (admin: SupabaseClient<Database>): RecordCall => async (entry) => {
  const { error } = await admin.schema("core").rpc("record_ai_call", {
    p_provider: entry.provider,
    p_model: entry.model,
    p_purpose: entry.purpose,
    p_status: statusOf(entry),
    p_error_code: entry.error_code ?? undefined,
    p_prompt_tokens: entry.input_tokens,
    p_completion_tokens: entry.output_tokens,
    p_cost_micro_usd: entry.cost_micro_usd ?? undefined,
    p_latency_ms: entry.latency_ms,
    p_attempts: entry.attempts,
    p_prompt_hash: entry.input_sha256,
    p_prompt_length: entry.input_chars,
    p_completion_length: entry.output_chars ?? undefined,
    p_resource_id: entry.resource_id ?? undefined,
  });
  if (error) throw new Error(error.message);
};

function statusOf(entry: AiCallEntry): string {
  if (entry.status === "ok") return "success";
  switch (entry.error_code) {
    case "timeout":
    case "rate_limited":
    case "refused":
      return entry.error_code;
    case "malformed_output":
      return "malformed";
    default:
      return "failed";
  }
}
