// An answer handed on while it is written. Its citations come first and are verified before a word of the text goes
// out, so that a marker of an invented one never leaves the server. A word is held back until the next one begins:
// what has gone out can only be added to.

import type { z } from "zod";
import { type ClaimedCitation, verifyClaims } from "./citations.ts";
import { parseOutput } from "./json-output.ts";
import { remapMarkers } from "./markers.ts";
import { addUsage } from "./openai-usage.ts";
import { PartialJson } from "./partial-json.ts";
import { plainText } from "./plain-text.ts";
import type {
  Answer,
  AnswerRequest,
  ChatModel,
  ChatRequest,
  ChatResult,
  JsonOutput,
} from "./types.ts";

interface Head {
  covered: boolean;
  citations: ClaimedCitation[];
}

export class AnswerWriter {
  readonly #request: AnswerRequest;
  readonly #headSchema: z.ZodType<Head>;
  readonly #json = new PartialJson("answer");
  /** Which marker of the model's becomes which; null: nothing that it writes may go out. */
  #mapping: ReadonlyMap<number, number> | null | undefined;
  #written = "";

  constructor(request: AnswerRequest, headSchema: z.ZodType<Head>) {
    this.#request = request;
    this.#headSchema = headSchema;
  }

  /** `raw` is all of the JSON that has arrived. */
  read(raw: string): void {
    const partial = this.#json.read(raw);
    if (!partial) return;
    this.#mapping ??= this.#mappingOf(partial.head);
    if (!this.#mapping) return;
    const whole = partial.text.slice(0, Math.max(0, partial.text.search(/\s+\S*$/)));
    this.#advance(remapMarkers(plainText(whole), this.#mapping));
  }

  /** The rest; everything again when the final text is not what was begun. */
  finish({ text, citations }: Pick<Answer, "text" | "citations">): void {
    if (!text.startsWith(this.#written)) {
      this.#written = "";
      this.#request.onRestart?.();
    }
    this.#request.onCitations?.(citations);
    this.#advance(text);
  }

  #advance(text: string): void {
    if (text.length <= this.#written.length || !text.startsWith(this.#written)) return;
    const delta = text.slice(this.#written.length);
    this.#written = text;
    this.#request.onDelta?.(delta);
  }

  #mappingOf(value: unknown): ReadonlyMap<number, number> | null {
    const head = this.#headSchema.safeParse(value);
    if (!head.success || !head.data.covered) return null;
    const { citations, mapping } = verifyClaims(head.data.citations, this.#request.passages);
    if (citations.length === 0) return null;
    this.#request.onCitations?.(citations);
    return mapping;
  }
}

/** Streams the JSON to the writer. JSON that does not fit is asked for anew, whole, with the usual repair. */
export const completeWriting = async <T>(
  chat: ChatModel,
  request: ChatRequest<T> & { output: JsonOutput<T> },
  writer: AnswerWriter,
): Promise<ChatResult<T>> => {
  let raw = "";
  let streamed: ChatResult | undefined;
  for await (const event of chat.stream(request)) {
    if (event.type === "done") streamed = event.result;
    else writer.read(raw += event.text);
  }
  const parsed = streamed?.finishReason === "stop" ? parseOutput(raw, request.output) : null;
  if (streamed && parsed?.ok) return { ...streamed, json: parsed.json };
  const result = await chat.complete(request);
  if (!streamed) return result;
  return {
    ...result,
    usage: addUsage(streamed.usage, result.usage),
    costMicroUsd: streamed.costMicroUsd === null || result.costMicroUsd === null
      ? null
      : streamed.costMicroUsd + result.costMicroUsd,
    attempts: streamed.attempts + result.attempts,
    latencyMs: streamed.latencyMs + result.latencyMs,
  };
};
