// Chat over the `openai` package, whole or streamed.

import type OpenAI from "openai";
import type { ChatCompletion } from "openai/resources/chat/completions";
import { AiError } from "./errors.ts";
import { parseOutput, repairMessage } from "./json-output.ts";
import { createClient, OPENAI_PROVIDER, type OpenAiSettings, toAiError } from "./openai-client.ts";
import { chatBody, Dialect, sendAdapted } from "./openai-request.ts";
import { streamChat } from "./openai-stream.ts";
import { addUsage, readUsage } from "./openai-usage.ts";
import { costMicroUsd } from "./prices.ts";
import { Deadline, withRetries } from "./retry.ts";
import type { ChatModel, ChatRequest, ChatResult, FinishReason, Usage } from "./types.ts";

interface Reply {
  text: string;
  model: string;
  finishReason: FinishReason;
  usage: Usage;
  /** False: the server did not say what it used, so the cost is not known either. */
  hasUsage: boolean;
}

const readReply = (completion: Partial<ChatCompletion>, settings: OpenAiSettings): Reply => {
  const about = { provider: OPENAI_PROVIDER, model: settings.model };
  const choice = completion?.choices?.[0];
  if (!choice?.message) {
    throw new AiError("malformed_output", "The provider's answer has no message.", {
      ...about,
      retryable: true,
    });
  }
  if (choice.message.refusal || choice.finish_reason === "content_filter") {
    throw new AiError("refused", "The model, or the provider's content filter, declined.", about);
  }
  const text = choice.message.content ?? "";
  if (text.trim() === "") {
    const isCut = choice.finish_reason === "length";
    throw new AiError(
      isCut ? "too_long" : "malformed_output",
      isCut ? "The output limit left no room for an answer." : "The provider's answer is empty.",
      about,
    );
  }
  return {
    text,
    model: completion.model ?? settings.model,
    finishReason: choice.finish_reason === "length" ? "length" : "stop",
    usage: readUsage(completion.usage),
    hasUsage: completion.usage !== undefined && completion.usage !== null,
  };
};

export const createOpenAiChat = (settings: OpenAiSettings): ChatModel => {
  const client: OpenAI = createClient(settings);
  const dialect = new Dialect();

  const ask = (request: ChatRequest<unknown>, deadline: Deadline): Promise<Reply> =>
    withRetries(deadline, async ({ signal }) => {
      try {
        const completion = await sendAdapted(
          dialect,
          () =>
            client.chat.completions.create(chatBody(settings.model, request, dialect), { signal }),
          () => deadline.begin(),
        );
        return readReply(completion, settings);
      } catch (error) {
        throw toAiError(error, settings, { caller: request.signal, attempt: signal });
      }
    });

  const complete = async <T>(request: ChatRequest<T>): Promise<ChatResult<T>> => {
    const started = performance.now();
    const deadline = new Deadline(settings, request.signal);
    let reply = await ask(request, deadline);
    let usage = reply.usage;
    const resultWith = (json: T): ChatResult<T> => ({
      text: reply.text,
      json,
      finishReason: reply.finishReason,
      provider: OPENAI_PROVIDER,
      model: reply.model,
      usage,
      costMicroUsd: reply.hasUsage ? costMicroUsd(settings.prices, reply.model, usage) : null,
      attempts: deadline.attempts,
      latencyMs: Math.round(performance.now() - started),
    });
    if (!request.output) return resultWith(undefined as T);

    const fail = (code: "too_long" | "malformed_output", message: string): never => {
      throw new AiError(code, message, {
        provider: OPENAI_PROVIDER,
        model: settings.model,
        attempts: deadline.attempts,
      });
    };
    const checkLength = () => {
      if (reply.finishReason === "length") fail("too_long", "The output limit cut the JSON off.");
    };
    checkLength();
    let parsed = parseOutput(reply.text, request.output);
    if (parsed.ok) return resultWith(parsed.json);
    // One repair: the model sees what it wrote and what is wrong with it.
    const { text } = reply;
    reply = await ask({
      ...request,
      messages: [
        ...request.messages,
        { role: "assistant", content: text.slice(0, 8_000) },
        { role: "user", content: repairMessage(parsed.problem) },
      ],
    }, deadline);
    usage = addUsage(usage, reply.usage);
    checkLength();
    parsed = parseOutput(reply.text, request.output);
    return parsed.ok ? resultWith(parsed.json) : fail(
      "malformed_output",
      `The answer is unusable, also after one repair. ${parsed.problem}`,
    );
  };

  return {
    provider: OPENAI_PROVIDER,
    model: settings.model,
    complete,
    stream: (request) => streamChat({ client, settings, dialect }, request),
  };
};
