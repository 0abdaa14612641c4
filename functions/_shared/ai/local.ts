// The default provider. It needs no key and no network, and it is no language model: it finds the
// sentences of the given passages that answer a question, quotes them, and says so when there are none.

import { countWords } from "../text/tokens.ts";
import type { PlanModel } from "./curriculum-types.ts";
import { AiError } from "./errors.ts";
import { extractAnswer } from "./local/answer.ts";
import { toPlainWords } from "./local/plain-words.ts";
import { planFromPassages } from "./local/plan/plan.ts";
import { plainText } from "./plain-text.ts";
import { rewriteFault } from "./rewrite-check.ts";
import type {
  AnswerModel,
  AnswerStyle,
  CallResult,
  ChatEvent,
  ChatModel,
  ChatRequest,
  ChatResult,
  Usage,
} from "./types.ts";

export const LOCAL_PROVIDER = "local";
export const LOCAL_ANSWER_MODEL = "local-extractive-1";

/** It quotes, and writes nothing of its own. */
export const isLocal = ({ provider }: { provider: string }): boolean => provider === LOCAL_PROVIDER;

/** The local provider counts words, since it has no tokens. It costs nothing. */
const wordUsage = (input: readonly string[], output: string): Usage => ({
  inputTokens: input.reduce((sum, text) => sum + countWords(text), 0),
  outputTokens: countWords(output),
  cachedInputTokens: 0,
});

const call = (usage: Usage, started: number): CallResult => ({
  provider: LOCAL_PROVIDER,
  model: LOCAL_ANSWER_MODEL,
  usage,
  costMicroUsd: 0,
  attempts: 1,
  latencyMs: Math.round(performance.now() - started),
});

/** Runs at once; what it throws becomes a rejection. */
const attempt = <T>(work: () => T): Promise<T> => new Promise((resolve) => resolve(work()));

/** Sentences at most; null: as many as the kind of question asks for. */
const SENTENCES: Record<AnswerStyle, number | null> = {
  teaching: null,
  review: null,
  exploration: null,
  clarification: 2,
};

export const createLocalAnswers = (): AnswerModel => ({
  provider: LOCAL_PROVIDER,
  model: LOCAL_ANSWER_MODEL,

  async answerFromPassages(request) {
    request.signal?.throwIfAborted();
    const started = performance.now();
    const question = request.standalone ?? request.question;
    const answer = extractAnswer(
      question,
      request.passages,
      SENTENCES[request.style ?? "teaching"],
    );
    const text = plainText(answer.text);
    const input = [question, ...request.passages.map((passage) => passage.text)];
    request.onCitations?.(answer.citations);
    if (request.onDelta) {
      for await (const word of wordsOf(text, request.signal)) request.onDelta(word);
    }
    // It quotes: of a style it can honour the length, and of what was said before nothing.
    const notHonoured = [
      ...(request.style ? ["style" as const] : []),
      ...(request.history?.turns.length ? ["history" as const] : []),
    ];
    return {
      ...answer,
      text,
      droppedCitations: 0,
      ...(notHonoured.length > 0 ? { notHonoured } : {}),
      ...call(wordUsage(input, text), started),
    };
  },

  rewritePlainly(request) {
    return attempt(() => {
      request.signal?.throwIfAborted();
      const started = performance.now();
      const plain = toPlainWords(request.text);
      const fault = rewriteFault(request.text, plain.text);
      const usage = wordUsage([request.text], plain.text);
      if (fault !== null) {
        return { text: request.text, changes: [], rejectedBecause: fault, ...call(usage, started) };
      }
      return { ...plain, ...call(usage, started) };
    });
  },
});

export const LOCAL_PLAN_MODEL = "local-outline-1";

export const createLocalPlans = (): PlanModel => ({
  provider: LOCAL_PROVIDER,
  model: LOCAL_PLAN_MODEL,

  plan(request) {
    return attempt(() => {
      request.signal?.throwIfAborted();
      const started = performance.now();
      const plan = planFromPassages(request);
      const input = [request.subject, ...request.passages.map((passage) => passage.text)];
      const usage = wordUsage(input, JSON.stringify(plan.sessions));
      return { ...plan, ...call(usage, started), model: LOCAL_PLAN_MODEL };
    });
  },
});

/** The last question; when it names no subject ("why?"), together with the one before it. */
const questionOf = (request: ChatRequest<unknown>): string => {
  const asked = request.messages.filter((message) => message.role === "user");
  const last = asked.at(-1)?.content ?? "";
  const previous = asked.at(-2)?.content ?? "";
  return countWords(last) < 4 && previous !== "" ? `${previous} ${last}` : last;
};

const reply = (request: ChatRequest<unknown>): ChatResult => {
  request.signal?.throwIfAborted();
  const started = performance.now();
  const answer = extractAnswer(questionOf(request), request.passages ?? []);
  const input = [...request.messages, ...(request.passages ?? [])].map((item) =>
    "content" in item ? item.content : item.text
  );
  return {
    text: answer.text,
    json: undefined,
    finishReason: "stop",
    ...call(wordUsage(input, answer.text), started),
  };
};

/** Lets the reader have each word before the next one, as with a provider over the network. */
async function* wordsOf(text: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
  for (const [word] of text.matchAll(/\S+\s*/g)) {
    signal?.throwIfAborted();
    yield word;
    await Promise.resolve();
  }
}

async function* streamWords(request: ChatRequest<unknown>): AsyncGenerator<ChatEvent> {
  const result = reply(request);
  for await (const word of wordsOf(result.text, request.signal)) {
    yield { type: "delta", text: word };
  }
  yield { type: "done", result };
}

export const createLocalChat = (): ChatModel => ({
  provider: LOCAL_PROVIDER,
  model: LOCAL_ANSWER_MODEL,

  complete<T>(request: ChatRequest<T>): Promise<ChatResult<T>> {
    if (request.output) {
      return Promise.reject(
        new AiError(
          "not_configured",
          "The local provider quotes passages and cannot fill a schema. Set AI_PROVIDER=openai.",
          { provider: LOCAL_PROVIDER, model: LOCAL_ANSWER_MODEL },
        ),
      );
    }
    return attempt(() => reply(request) as ChatResult<T>);
  },

  stream: streamWords,
});
