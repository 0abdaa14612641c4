// What is kept of a call, and how it is written.

import type { Logger } from "../log.ts";
import { sha256Hex } from "../text/hash.ts";
import { AiError, type AiErrorCode, isAbort } from "./errors.ts";
import type { CallContext, CallResult } from "./types.ts";

export interface AiCallEntry {
  provider: string;
  model: string;
  purpose: string;
  resource_id: string | null;
  status: "ok" | "error" | "cancelled";
  error_code: AiErrorCode | "unexpected" | null;
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  cost_micro_usd: number | null;
  latency_ms: number;
  attempts: number;
  input_sha256: string;
  input_chars: number;
  output_sha256: string | null;
  output_chars: number | null;
}

export type RecordCall = (entry: AiCallEntry) => void | Promise<void>;

export interface Recorder {
  record: RecordCall;
  log: Logger;
}

export interface Subject {
  provider: string;
  model: string;
  purpose: string;
  context: CallContext;
  input: unknown;
}

export interface Ending {
  started: number;
  result?: CallResult;
  output?: string;
  error?: unknown;
}

const endOf = (error: unknown): Pick<AiCallEntry, "status" | "error_code"> => {
  if (error === undefined) return { status: "ok", error_code: null };
  if (isAbort(error)) return { status: "cancelled", error_code: null };
  return { status: "error", error_code: error instanceof AiError ? error.code : "unexpected" };
};

export const writeRecord = async (
  { record, log }: Recorder,
  subject: Subject,
  ending: Ending,
): Promise<void> => {
  try {
    const { result, output, error } = ending;
    const input = JSON.stringify(subject.input);
    const attempts = error instanceof AiError ? error.attempts : result?.attempts ?? 0;
    await record({
      provider: subject.provider,
      model: result?.model ?? subject.model,
      purpose: subject.context.purpose ?? subject.purpose,
      resource_id: subject.context.resourceId ?? null,
      ...endOf(error),
      input_tokens: result?.usage.inputTokens ?? 0,
      output_tokens: result?.usage.outputTokens ?? 0,
      cached_input_tokens: result?.usage.cachedInputTokens ?? 0,
      cost_micro_usd: result ? result.costMicroUsd : null,
      latency_ms: Math.round(performance.now() - ending.started),
      attempts,
      input_sha256: await sha256Hex(input),
      input_chars: input.length,
      output_sha256: output === undefined ? null : await sha256Hex(output),
      output_chars: output?.length ?? null,
    });
  } catch (error) {
    log.warn("ai_call_not_recorded", { purpose: subject.purpose, error });
  }
};
