// A sentence-embedding model from a local directory, through @huggingface/transformers. Nothing is
// fetched: the directory holds config.json, tokenizer.json, tokenizer_config.json and onnx/model.onnx.

import { AiError } from "./errors.ts";
import type { EmbeddingModel, EmbedOptions } from "./types.ts";
import { checkVectors } from "./vectors.ts";

export interface TransformersSettings {
  /** Parent of the model's directory. */
  modelPath: string;
  /** The directory's name, e.g. "Xenova/bge-small-en-v1.5". */
  model: string;
  dimensions: number;
  /** Precision of the weights: "fp32" is onnx/model.onnx, "q8" onnx/model_quantized.onnx. */
  dtype: "fp32" | "fp16" | "q8" | "q4";
  /** Put before a text, as some models want it: "query: ", "passage: ". */
  queryPrefix?: string;
  documentPrefix?: string;
}

interface Pooled {
  tolist(): unknown;
}

type Extract = (texts: string[], options: { pooling: "mean"; normalize: true }) => Promise<Pooled>;

const BATCH = 16;

const load = async (settings: TransformersSettings): Promise<Extract> => {
  try {
    // Loaded on first use only: the package is large, and most setups never need it.
    const { env, pipeline } = await import("@huggingface/transformers");
    env.allowRemoteModels = false;
    env.allowLocalModels = true;
    env.useFSCache = false;
    env.useBrowserCache = false;
    env.localModelPath = settings.modelPath.endsWith("/")
      ? settings.modelPath
      : `${settings.modelPath}/`;
    const extract = await pipeline("feature-extraction", settings.model, { dtype: settings.dtype });
    return (texts, options) => extract(texts, options) as Promise<Pooled>;
  } catch (error) {
    throw new AiError(
      "not_configured",
      `No usable embedding model "${settings.model}" in ${settings.modelPath} ` +
        "(EMBEDDINGS_MODEL, TRANSFORMERS_MODEL_PATH). It is never downloaded.",
      { provider: "transformers", model: settings.model, cause: error },
    );
  }
};

export const createTransformersEmbeddings = (settings: TransformersSettings): EmbeddingModel => {
  let loading: Promise<Extract> | undefined;
  const about = { provider: "transformers", model: settings.model };

  const prefixOf = (options: EmbedOptions): string =>
    (options.kind === "query" ? settings.queryPrefix : settings.documentPrefix) ?? "";

  const run = async (extract: Extract, batch: string[]): Promise<number[][]> => {
    try {
      return (await extract(batch, { pooling: "mean", normalize: true })).tolist() as number[][];
    } catch (error) {
      throw new AiError("unavailable", "The embedding model could not run.", {
        ...about,
        attempts: 1,
        cause: error,
      });
    }
  };

  return {
    provider: "transformers",
    model: settings.model,
    dimensions: settings.dimensions,
    async embed(texts, options = {}) {
      const started = performance.now();
      loading ??= load(settings);
      // A failed load is not kept: the directory may be there next time.
      const extract = await loading.catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      const vectors: number[][] = [];
      for (let at = 0; at < texts.length; at += BATCH) {
        options.signal?.throwIfAborted();
        const batch = texts.slice(at, at + BATCH).map((text) => prefixOf(options) + text);
        vectors.push(...await run(extract, batch));
      }
      checkVectors(vectors, texts.length, settings.dimensions, "transformers");
      return {
        ...about,
        vectors,
        dimensions: settings.dimensions,
        usage: { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 },
        costMicroUsd: 0,
        attempts: 1,
        latencyMs: Math.round(performance.now() - started),
      };
    },
  };
};
