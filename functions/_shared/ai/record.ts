// Every call leaves a record: who was asked, how long it took, what it cost, how it ended. Never the
// prompt: its hash and length suffice to recognise a repetition. A record that cannot be written is
// logged, and the call goes on.

import type { Logger } from "../log.ts";
import { sha256Hex } from "../text/hash.ts";
import { AiError, type AiErrorCode, isAbort } from "./errors.ts";
import type {
  AnswerModel,
  CallContext,
  CallResult,
  ChatEvent,
  ChatModel,
  ChatRequest,
  EmbeddingModel,
} from "./types.ts";

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

interface Subject {
  provider: string;
  model: string;
  purpose: string;
  context: CallContext;
  input: unknown;
}

interface Ending {
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

const write = async (
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

const recorded = async <R extends CallResult>(
  recorder: Recorder,
  subject: Subject,
  work: () => Promise<R>,
  outputOf: (result: R) => string | undefined,
): Promise<R> => {
  const started = performance.now();
  try {
    const result = await work();
    await write(recorder, subject, { started, result, output: outputOf(result) });
    return result;
  } catch (error) {
    await write(recorder, subject, { started, error });
    throw error;
  }
};

export const recordChat = (model: ChatModel, recorder: Recorder): ChatModel => {
  const subjectOf = (request: ChatRequest<unknown>): Subject => ({
    provider: model.provider,
    model: model.model,
    purpose: "chat",
    context: request,
    input: { messages: request.messages, passages: request.passages ?? [] },
  });

  async function* stream(request: ChatRequest): AsyncGenerator<ChatEvent> {
    const started = performance.now();
    let ending: Ending | null = null;
    try {
      for await (const event of model.stream(request)) {
        if (event.type === "done") {
          ending = { started, result: event.result, output: event.result.text };
        }
        yield event;
      }
    } catch (error) {
      ending = { started, error };
      throw error;
    } finally {
      // No ending: the reader went away before the end.
      const left = new DOMException("The reader stopped.", "AbortError");
      await write(recorder, subjectOf(request), ending ?? { started, error: left });
    }
  }

  return {
    provider: model.provider,
    model: model.model,
    complete: <T>(request: ChatRequest<T>) =>
      recorded(
        recorder,
        subjectOf(request),
        () => model.complete(request),
        (result) => result.text,
      ),
    stream,
  };
};

export const recordAnswers = (model: AnswerModel, recorder: Recorder): AnswerModel => {
  const subject = (purpose: string, context: CallContext, input: unknown): Subject => ({
    provider: model.provider,
    model: model.model,
    purpose,
    context,
    input,
  });
  return {
    provider: model.provider,
    model: model.model,
    answerFromPassages: (request) => {
      const input = [request.question, request.notes, request.passages];
      const about = subject("answer", request, input);
      return recorded(
        recorder,
        about,
        () => model.answerFromPassages(request),
        (result) => result.text,
      );
    },
    rewritePlainly: (request) => {
      const about = subject("rewrite", request, request.text);
      return recorded(
        recorder,
        about,
        () => model.rewritePlainly(request),
        (result) => result.text,
      );
    },
  };
};

export const recordEmbeddings = (model: EmbeddingModel, recorder: Recorder): EmbeddingModel => ({
  provider: model.provider,
  model: model.model,
  dimensions: model.dimensions,
  embed: (texts, options = {}) =>
    recorded(
      recorder,
      {
        provider: model.provider,
        model: model.model,
        purpose: "embed",
        context: options,
        input: texts,
      },
      () => model.embed(texts, options),
      () => undefined,
    ),
});
