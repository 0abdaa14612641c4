// Embeddings over the `openai` package. Long lists go in batches; each batch is retried by itself.

import { costMicroUsd } from "./prices.ts";
import { AiError } from "./errors.ts";
import { createClient, OPENAI_PROVIDER, type OpenAiSettings, toAiError } from "./openai-client.ts";
import { Deadline, withRetries } from "./retry.ts";
import type { EmbeddingModel } from "./types.ts";
import { checkVectors, normalise } from "./vectors.ts";

const BATCH = 256;

/** `model` of the settings is the embedding model; `dimensions` shortens the vectors of the v3 models. */
export const createOpenAiEmbeddings = (
  settings: OpenAiSettings,
  dimensions: number,
): EmbeddingModel => {
  const client = createClient(settings);
  // Older models refuse the parameter.
  const canShorten = settings.model.startsWith("text-embedding-3");

  const embedBatch = (batch: string[], deadline: Deadline, caller: AbortSignal | undefined) =>
    withRetries(deadline, async ({ signal }) => {
      try {
        const reply = await client.embeddings.create({
          model: settings.model,
          // The API refuses an empty text.
          input: batch.map((text) => text.trim() === "" ? " " : text),
          encoding_format: "float",
          ...(canShorten ? { dimensions } : {}),
        }, { signal });
        if (!Array.isArray(reply?.data)) {
          throw new AiError("malformed_output", "The provider's answer has no vectors.", {
            provider: OPENAI_PROVIDER,
            model: settings.model,
            retryable: true,
          });
        }
        const sorted = [...reply.data].sort((a, b) => a.index - b.index);
        const vectors = sorted.map((item) => item.embedding ?? []);
        checkVectors(vectors, batch.length, dimensions, OPENAI_PROVIDER);
        return {
          vectors: vectors.map(normalise),
          tokens: reply.usage?.prompt_tokens,
          model: reply.model,
        };
      } catch (error) {
        throw toAiError(error, settings, { caller, attempt: signal });
      }
    });

  return {
    provider: OPENAI_PROVIDER,
    model: settings.model,
    dimensions,
    async embed(texts, options = {}) {
      const started = performance.now();
      const deadline = new Deadline(settings, options.signal);
      const vectors: number[][] = [];
      let tokens: number | undefined = 0;
      for (let at = 0; at < texts.length; at += BATCH) {
        const part = await embedBatch(texts.slice(at, at + BATCH), deadline, options.signal);
        vectors.push(...part.vectors);
        tokens = tokens === undefined || part.tokens === undefined
          ? undefined
          : tokens + part.tokens;
      }
      const usage = { inputTokens: tokens ?? 0, outputTokens: 0, cachedInputTokens: 0 };
      return {
        provider: OPENAI_PROVIDER,
        model: settings.model,
        vectors,
        dimensions,
        usage,
        costMicroUsd: tokens === undefined
          ? null
          : costMicroUsd(settings.prices, settings.model, usage),
        attempts: deadline.attempts,
        latencyMs: Math.round(performance.now() - started),
      };
    },
  };
};
