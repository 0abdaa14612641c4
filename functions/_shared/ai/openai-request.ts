// The body of a chat request. Servers that speak the protocol differ in what they accept: a parameter
// that one of them names as unsupported is left out, or replaced by its older form, from then on.

import type { ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import { APIError } from "openai";
import { isStrictSchema, toJsonSchema } from "./json-output.ts";
import { materialMessage } from "./prompt-data.ts";
import type { ChatMessage, ChatRequest, ImageInput } from "./types.ts";

export type ChatBody = ChatCompletionCreateParamsNonStreaming;

const ADAPTABLE = [
  "temperature",
  "max_completion_tokens",
  "response_format",
  "stream_options",
] as const;
type Adaptable = (typeof ADAPTABLE)[number];

export class Dialect {
  readonly #refused = new Map<Adaptable, number>();

  refusals(parameter: Adaptable): number {
    return this.#refused.get(parameter) ?? 0;
  }

  /** True when the error names a parameter that can be done without: then the request is worth repeating. */
  learnFrom(error: unknown): boolean {
    if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) {
      return false;
    }
    const parameter = ADAPTABLE.find((name) =>
      error.param === name || error.param?.startsWith(`${name}.`) ||
      (!error.param && new RegExp(`\\b${name}\\b`).test(error.message))
    );
    const most = parameter === "response_format" ? 2 : 1;
    if (!parameter || this.refusals(parameter) >= most) return false;
    this.#refused.set(parameter, this.refusals(parameter) + 1);
    return true;
  }
}

const responseFormat = (
  request: ChatRequest<unknown>,
  dialect: Dialect,
): Pick<ChatBody, "response_format"> => {
  const { output } = request;
  const refusals = dialect.refusals("response_format");
  if (!output || refusals >= 2) return {};
  if (refusals === 1) return { response_format: { type: "json_object" } };
  const schema = toJsonSchema(output);
  return {
    response_format: {
      type: "json_schema",
      json_schema: { name: output.name, schema, strict: isStrictSchema(schema) },
    },
  };
};

/** Pictures are parts of the last message that was written for the model, which has to be the user's. */
const withImages = (
  messages: ChatMessage[],
  images: readonly ImageInput[],
): ChatBody["messages"] => {
  const at = images.length > 0 ? messages.findLastIndex(({ role }) => role === "user") : -1;
  return messages.map((message, index) =>
    index !== at ? message : {
      role: "user",
      content: [
        { type: "text", text: message.content },
        ...images.map(({ mimeType, base64 }) => ({
          type: "image_url" as const,
          image_url: { url: `data:${mimeType};base64,${base64}` },
        })),
      ],
    }
  );
};

/** The material goes right before the last message, the schema in words where the server has no mode for it. */
const messagesOf = (request: ChatRequest<unknown>, dialect: Dialect): ChatMessage[] => {
  const messages = [...request.messages];
  if (request.passages && request.passages.length > 0) {
    const at = Math.max(0, messages.length - 1);
    messages.splice(at, 0, { role: "user", content: materialMessage(request.passages) });
  }
  if (request.output && dialect.refusals("response_format") > 0) {
    const schema = JSON.stringify(toJsonSchema(request.output));
    messages.unshift({
      role: "system",
      content: `Answer with JSON of this JSON schema only: ${schema}`,
    });
  }
  return messages;
};

export const chatBody = (
  model: string,
  request: ChatRequest<unknown>,
  dialect: Dialect,
): ChatBody => {
  const limit = request.maxOutputTokens;
  const limitName = dialect.refusals("max_completion_tokens") > 0
    ? "max_tokens"
    : "max_completion_tokens";
  const hasTemperature = request.temperature !== undefined && dialect.refusals("temperature") === 0;
  return {
    model,
    messages: withImages(messagesOf(request, dialect), request.images ?? []),
    ...(limit === undefined ? {} : { [limitName]: limit }),
    ...(hasTemperature ? { temperature: request.temperature } : {}),
    ...responseFormat(request, dialect),
  };
};

/** Sends, and sends again for as long as the server's refusal teaches how to ask it. */
export const sendAdapted = async <T>(
  dialect: Dialect,
  send: () => Promise<T>,
  onRepeat: () => void,
): Promise<T> => {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!dialect.learnFrom(error)) throw error;
      onRepeat();
    }
  }
};
