// A streamed answer. A stream that ends without saying why it ended is broken, whatever the connection
// says; a broken one is begun anew only while nothing of it was handed on.

import type OpenAI from "openai";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { AiError, isAbort } from "./errors.ts";
import { OPENAI_PROVIDER, type OpenAiSettings, toAiError } from "./openai-client.ts";
import { chatBody, type Dialect, sendAdapted } from "./openai-request.ts";
import { readUsage, type VendorUsage } from "./openai-usage.ts";
import { costMicroUsd } from "./prices.ts";
import { Deadline } from "./retry.ts";
import type { ChatEvent, ChatRequest, FinishReason } from "./types.ts";

interface StreamDeps {
  client: OpenAI;
  settings: OpenAiSettings;
  dialect: Dialect;
}

interface State {
  text: string;
  model: string;
  finishReason: FinishReason | null;
  usage: VendorUsage;
}

/** Aborts when nothing arrives for a while, when all time is used up, or with the caller. */
const watch = (limitMs: number, totalMs: number, caller: AbortSignal | undefined) => {
  const controller = new AbortController();
  const expire = () => controller.abort(new DOMException("No data in time.", "TimeoutError"));
  let idle = setTimeout(expire, Math.min(limitMs, totalMs));
  const total = setTimeout(expire, totalMs);
  const signal = caller ? AbortSignal.any([caller, controller.signal]) : controller.signal;
  return {
    signal,
    timedOut: controller.signal,
    heard: () => {
      clearTimeout(idle);
      idle = setTimeout(expire, limitMs);
    },
    stop: () => {
      clearTimeout(idle);
      clearTimeout(total);
    },
  };
};

const takeChunk = (state: State, chunk: ChatCompletionChunk, settings: OpenAiSettings): string => {
  const about = { provider: OPENAI_PROVIDER, model: settings.model, partialText: state.text };
  if (typeof chunk !== "object" || chunk === null) {
    throw new AiError("malformed_output", "The stream is not in the provider's protocol.", about);
  }
  if (chunk.model) state.model = chunk.model;
  if (chunk.usage) state.usage = chunk.usage;
  const choice = chunk.choices?.[0];
  if (!choice) return "";
  if (choice.delta?.refusal || choice.finish_reason === "content_filter") {
    throw new AiError("refused", "The model, or the provider's content filter, declined.", about);
  }
  if (choice.finish_reason) {
    state.finishReason = choice.finish_reason === "length" ? "length" : "stop";
  }
  const text = choice.delta?.content ?? "";
  state.text += text;
  return text;
};

const open = (
  { client, settings, dialect }: StreamDeps,
  request: ChatRequest<unknown>,
  deadline: Deadline,
  signal: AbortSignal,
) =>
  sendAdapted(
    dialect,
    () =>
      client.chat.completions.create({
        ...chatBody(settings.model, request, dialect),
        stream: true,
        ...(dialect.refusals("stream_options") > 0
          ? {}
          : { stream_options: { include_usage: true } }),
      }, { signal }),
    () => deadline.begin(),
  );

async function* once(
  deps: StreamDeps,
  request: ChatRequest<unknown>,
  deadline: Deadline,
  state: State,
): AsyncGenerator<string> {
  const { settings } = deps;
  deadline.begin();
  const guard = watch(settings.timeoutMs, deadline.remainingMs, request.signal);
  const signals = { caller: request.signal, attempt: guard.timedOut };
  try {
    const stream = await open(deps, request, deadline, guard.signal);
    for await (const chunk of stream) {
      guard.heard();
      const text = takeChunk(state, chunk, settings);
      if (text !== "") yield text;
    }
    // The client ends an aborted stream quietly.
    request.signal?.throwIfAborted();
    if (guard.timedOut.aborted || state.finishReason === null) {
      throw new Error("the stream ended before the answer did");
    }
  } catch (error) {
    const extra = state.text === "" ? {} : { partialText: state.text };
    throw toAiError(error, settings, signals, extra);
  } finally {
    guard.stop();
  }
}

export async function* streamChat(
  deps: StreamDeps,
  request: ChatRequest<unknown>,
): AsyncGenerator<ChatEvent> {
  const { settings } = deps;
  const started = performance.now();
  const deadline = new Deadline(settings, request.signal);
  const state: State = { text: "", model: settings.model, finishReason: null, usage: undefined };
  for (;;) {
    try {
      for await (const text of once(deps, request, deadline, state)) yield { type: "delta", text };
      break;
    } catch (error) {
      if (isAbort(error)) throw error;
      if (error instanceof AiError) error.attempts = deadline.attempts;
      if (state.text !== "") throw error;
      await deadline.waitAfter(error);
    }
  }
  if (state.text.trim() === "") {
    throw new AiError("malformed_output", "The provider's answer is empty.", {
      provider: OPENAI_PROVIDER,
      model: settings.model,
      attempts: deadline.attempts,
    });
  }
  const usage = readUsage(state.usage);
  yield {
    type: "done",
    result: {
      text: state.text,
      json: undefined,
      finishReason: state.finishReason ?? "stop",
      provider: OPENAI_PROVIDER,
      model: state.model,
      usage,
      costMicroUsd: state.usage ? costMicroUsd(settings.prices, state.model, usage) : null,
      attempts: deadline.attempts,
      latencyMs: Math.round(performance.now() - started),
    },
  };
}
