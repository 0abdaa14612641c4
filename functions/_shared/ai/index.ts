// Which AI answers is a matter of the environment. Everything goes through here, so that every call is
// recorded. `createAi()` with nothing set gives the local provider: no key, no network.

import {
  ConfigError,
  type Env,
  readChoice,
  readInteger,
  readText,
  readUrl,
  runtimeEnv,
} from "../config.ts";
import { createLogger, type Logger } from "../log.ts";
import { createLocalEmbeddings } from "./embeddings-local.ts";
import { createSupabaseEmbeddings } from "./embeddings-supabase.ts";
import { createTransformersEmbeddings } from "./embeddings-transformers.ts";
import { AiError } from "./errors.ts";
import { createLocalAnswers, createLocalChat, createLocalPlans } from "./local.ts";
import { createOpenAiChat, createOpenAiEmbeddings, type OpenAiSettings } from "./openai.ts";
import { readPrices } from "./prices.ts";
import { createPromptedAnswers } from "./prompted-answers.ts";
import { createPromptedPlans } from "./prompted-plans.ts";
import {
  recordAnswers,
  type RecordCall,
  recordChat,
  recordEmbeddings,
  type Recorder,
  recordPlans,
} from "./record.ts";
import type { PlanModel } from "./curriculum-types.ts";
import type { AnswerModel, ChatModel, EmbeddingModel } from "./types.ts";

export * from "./errors.ts";
export * from "./types.ts";
export type { AiCallEntry, RecordCall } from "./record.ts";
export { AI_DISCLOSURE, rewriteFault, withDisclosure } from "./rewrite-check.ts";
export { cosine, vectorLiteral } from "./vectors.ts";

export const AI_PROVIDERS = ["local", "openai"] as const;
export const EMBEDDINGS_PROVIDERS = ["local", "openai", "transformers", "supabase"] as const;

export interface Ai {
  chat: ChatModel;
  answers: AnswerModel;
  plans: PlanModel;
  embeddings: EmbeddingModel;
}

export interface AiOptions {
  env?: Env;
  /** Where the record of each call goes; without it, nowhere. */
  recordCall?: RecordCall;
  log?: Logger;
}

const OPENAI_URL = "https://api.openai.com/v1";

const openAiKey = (env: Env, baseUrl: string): string => {
  const key = env("OPENAI_API_KEY");
  if (key !== undefined) return key;
  // A server of one's own often has no keys.
  if (new URL(baseUrl).hostname !== "api.openai.com") return "none";
  throw new ConfigError(
    "OPENAI_API_KEY",
    "OPENAI_API_KEY is not set. Set it, or point OPENAI_BASE_URL at a server without keys, or use the local provider.",
  );
};

const openAiSettings = (env: Env, model: string): OpenAiSettings => {
  const baseUrl = readUrl(env, "OPENAI_BASE_URL", OPENAI_URL);
  const timeoutMs = readInteger(env, "AI_TIMEOUT_MS", { fallback: 30_000, min: 10, max: 600_000 });
  return {
    apiKey: openAiKey(env, baseUrl),
    baseUrl,
    model,
    prices: readPrices(env, baseUrl),
    timeoutMs,
    deadlineMs: readInteger(env, "AI_DEADLINE_MS", { fallback: 90_000, min: 10, max: 900_000 }),
    maxAttempts: readInteger(env, "AI_MAX_ATTEMPTS", { fallback: 4, min: 1, max: 10 }),
  };
};

const chooseChat = (env: Env): { chat: ChatModel; isLocal: boolean } => {
  if (readChoice(env, "AI_PROVIDER", AI_PROVIDERS, "local") === "local") {
    return { chat: createLocalChat(), isLocal: true };
  }
  const model = readText(env, "AI_MODEL", "gpt-4o-mini");
  return { chat: createOpenAiChat(openAiSettings(env, model)), isLocal: false };
};

const readDimensions = (env: Env, fallback: number): number =>
  readInteger(env, "EMBEDDINGS_DIMENSIONS", { fallback, min: 1, max: 4096 });

const chooseEmbeddings = (env: Env): EmbeddingModel => {
  const provider = readChoice(env, "EMBEDDINGS_PROVIDER", EMBEDDINGS_PROVIDERS, "local");
  if (provider === "local") return createLocalEmbeddings();
  if (provider === "supabase") return createSupabaseEmbeddings();
  if (provider === "openai") {
    const model = readText(env, "EMBEDDINGS_MODEL", "text-embedding-3-small");
    return createOpenAiEmbeddings(openAiSettings(env, model), readDimensions(env, 1536));
  }
  return createTransformersEmbeddings({
    modelPath: readText(env, "TRANSFORMERS_MODEL_PATH", "./models"),
    model: readText(env, "EMBEDDINGS_MODEL", "Xenova/bge-small-en-v1.5"),
    dimensions: readDimensions(env, 384),
    dtype: readChoice(env, "TRANSFORMERS_DTYPE", ["fp32", "fp16", "q8", "q4"], "fp32"),
    queryPrefix: env("EMBEDDINGS_QUERY_PREFIX"),
    documentPrefix: env("EMBEDDINGS_DOCUMENT_PREFIX"),
  });
};

const configured = <T>(choose: () => T): T => {
  try {
    return choose();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new AiError("not_configured", error.message, { cause: error });
  }
};

/** Throws `not_configured`, naming the variable and its choices, when a setting is wrong. */
export const createAi = (options: AiOptions = {}): Ai =>
  configured(() => {
    const env = options.env ?? runtimeEnv;
    const recorder: Recorder = {
      record: options.recordCall ?? (() => undefined),
      log: options.log ?? createLogger({ module: "ai" }),
    };
    const { chat, isLocal } = chooseChat(env);
    const recordedChat = recordChat(chat, recorder);
    return {
      chat: recordedChat,
      // A prompted answer is a chat call, and recorded as one.
      answers: isLocal
        ? recordAnswers(createLocalAnswers(), recorder)
        : createPromptedAnswers(recordedChat),
      plans: isLocal
        ? recordPlans(createLocalPlans(), recorder)
        : createPromptedPlans(recordedChat),
      embeddings: recordEmbeddings(chooseEmbeddings(env), recorder),
    };
  });
