// Which OCR service in the cloud is asked when the local reading is not sure; without a setting, none.

import { AiError } from "../ai/errors.ts";
import {
  ConfigError,
  type Env,
  readChoice,
  readInteger,
  readRequired,
  readUrl,
} from "../config.ts";
import { createAzureOcr } from "./azure.ts";
import { createHttpOcr } from "./http.ts";
import type { CloudOcr, CloudSettings } from "./types.ts";

export type { CloudOcr, CloudReading, CloudRequest } from "./types.ts";

export const CLOUD_PROVIDERS = ["none", "http", "azure"] as const;

/** Throws `not_configured`, naming the variable, when a setting is wrong. */
export const createCloudOcr = (env: Env): CloudOcr | null => {
  try {
    const provider = readChoice(env, "OCR_CLOUD_PROVIDER", CLOUD_PROVIDERS, "none");
    if (provider === "none") return null;
    readRequired(env, "OCR_CLOUD_URL", "it is the address of the OCR service.");
    if (provider === "azure") readRequired(env, "OCR_CLOUD_KEY", "Azure asks for a key.");
    const price = readInteger(env, "OCR_CLOUD_MICRO_USD_PER_PAGE", {
      fallback: -1,
      min: 0,
      max: 10_000_000,
    });
    const settings: CloudSettings = {
      url: readUrl(env, "OCR_CLOUD_URL", ""),
      key: env("OCR_CLOUD_KEY"),
      timeoutMs: readInteger(env, "OCR_CLOUD_TIMEOUT_MS", {
        fallback: 30_000,
        min: 10,
        max: 120_000,
      }),
      microUsdPerPage: price < 0 ? null : price,
      maxAttempts: readInteger(env, "OCR_CLOUD_MAX_ATTEMPTS", { fallback: 3, min: 1, max: 10 }),
    };
    return provider === "azure" ? createAzureOcr(settings) : createHttpOcr(settings);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new AiError("not_configured", error.message, { cause: error });
  }
};
