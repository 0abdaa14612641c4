// List prices in US dollars per million tokens, which is the same as micro-dollars per token. Vendors
// change them: AI_PRICES overrides. A model that is not listed costs null, which means "not known".

import { z } from "zod";
import { ConfigError, type Env } from "../config.ts";
import type { Usage } from "./types.ts";

const Price = z.object({
  input: z.number().nonnegative(),
  output: z.number().nonnegative().default(0),
  /** Default: the price of other input. */
  cachedInput: z.number().nonnegative().optional(),
});

export type ModelPrice = z.infer<typeof Price>;
export type Prices = Readonly<Record<string, ModelPrice>>;

/** api.openai.com's, as of the end of 2025. They hold for that host only. */
export const OPENAI_PRICES: Prices = {
  "gpt-4o": { input: 2.5, cachedInput: 1.25, output: 10 },
  "gpt-4o-mini": { input: 0.15, cachedInput: 0.075, output: 0.6 },
  "gpt-4.1": { input: 2, cachedInput: 0.5, output: 8 },
  "gpt-4.1-mini": { input: 0.4, cachedInput: 0.1, output: 1.6 },
  "gpt-4.1-nano": { input: 0.1, cachedInput: 0.025, output: 0.4 },
  "gpt-5": { input: 1.25, cachedInput: 0.125, output: 10 },
  "gpt-5-mini": { input: 0.25, cachedInput: 0.025, output: 2 },
  "gpt-5-nano": { input: 0.05, cachedInput: 0.005, output: 0.4 },
  "text-embedding-3-small": { input: 0.02, output: 0 },
  "text-embedding-3-large": { input: 0.13, output: 0 },
};

/** "gpt-4o-mini-2024-07-18" is priced as "gpt-4o-mini". */
const priceOf = (prices: Prices, model: string): ModelPrice | undefined =>
  prices[model] ?? prices[model.replace(/-\d{4}-\d{2}-\d{2}$/, "")];

export const costMicroUsd = (prices: Prices, model: string, usage: Usage): number | null => {
  const price = priceOf(prices, model);
  if (!price) return null;
  const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
  return Math.round(
    (usage.inputTokens - cached) * price.input + cached * (price.cachedInput ?? price.input) +
      usage.outputTokens * price.output,
  );
};

/** The table for a provider's address, with what AI_PRICES says on top. */
export const readPrices = (env: Env, baseUrl: string): Prices => {
  const listed = new URL(baseUrl).hostname === "api.openai.com" ? OPENAI_PRICES : {};
  const raw = env("AI_PRICES");
  if (raw === undefined) return listed;
  try {
    return { ...listed, ...z.record(z.string(), Price).parse(JSON.parse(raw)) };
  } catch (error) {
    throw new ConfigError(
      "AI_PRICES",
      `AI_PRICES must be JSON like {"my-model":{"input":0.15,"output":0.6}}: ${
        error instanceof Error ? error.message : String(error)
      }`,
    );
  }
};
