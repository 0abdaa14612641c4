// One client for OpenAI and whatever speaks its protocol, and its errors as ours.

import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { AiError, type AiErrorCode, type AiErrorOptions } from "./errors.ts";
import type { Prices } from "./prices.ts";
import { readRetryAfter, type RetryPolicy } from "./retry.ts";

export const OPENAI_PROVIDER = "openai";

export interface OpenAiSettings extends RetryPolicy {
  apiKey: string;
  baseUrl: string;
  model: string;
  prices: Prices;
}

/** Retries and time limits are ours (one deadline over all of them), and nothing ambient is read. */
export const createClient = (settings: OpenAiSettings): OpenAI =>
  new OpenAI({
    apiKey: settings.apiKey,
    baseURL: settings.baseUrl,
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: settings.deadlineMs + settings.timeoutMs,
    logLevel: "off",
  });

const short = (text: string): string => text.length > 300 ? `${text.slice(0, 300)}…` : text;

const withoutKey = (text: string, key: string): string =>
  key.length >= 4 ? text.replaceAll(key, "***") : text;

/** The vendor's own code: "insufficient_quota", "context_length_exceeded", … */
const vendorCode = (error: APIError): string => `${error.code ?? ""} ${error.type ?? ""}`;

const badRequestCode = (error: APIError): AiErrorCode => {
  const said = `${vendorCode(error)} ${error.message}`;
  if (/context_length|maximum context|too many tokens|string_above_max_length/i.test(said)) {
    return "too_long";
  }
  if (/content_policy|content_filter|safety|moderation/i.test(said)) return "refused";
  return "not_configured";
};

const fromStatus = (
  error: APIError,
  status: number,
): { code: AiErrorCode; message: string; retryable?: boolean } => {
  if (status === 401) {
    return { code: "bad_key", message: "The provider refused the key (OPENAI_API_KEY)." };
  }
  if (status === 403) {
    return {
      code: "bad_key",
      message: "The key (OPENAI_API_KEY) may not do this, says the provider.",
    };
  }
  if (status === 404) {
    return { code: "not_configured", message: "The provider does not know this address or model." };
  }
  if (status === 413) {
    return { code: "too_long", message: "The request is too long for the provider." };
  }
  if (status === 429) {
    const isOutOfQuota = /insufficient_quota|billing/i.test(vendorCode(error));
    return isOutOfQuota
      ? { code: "rate_limited", message: "The account's quota is used up.", retryable: false }
      : { code: "rate_limited", message: "Too many requests, says the provider." };
  }
  if (status === 408 || status === 409) {
    return { code: "unavailable", message: `The provider answered ${status}.` };
  }
  if (status >= 500) return { code: "unavailable", message: `The provider answered ${status}.` };
  return { code: badRequestCode(error), message: "The provider rejected the request." };
};

/** Any error of the client, as an `AiError`; the caller's own abort stays what it is. */
export const toAiError = (
  error: unknown,
  settings: OpenAiSettings,
  signals: { caller?: AbortSignal; attempt: AbortSignal },
  extra: AiErrorOptions = {},
): unknown => {
  if (error instanceof AiError) return error;
  if (signals.caller?.aborted) return signals.caller.reason;
  const options = { provider: OPENAI_PROVIDER, model: settings.model, cause: error, ...extra };
  if (signals.attempt.aborted || error instanceof APIConnectionTimeoutError) {
    return new AiError("timeout", `No answer within ${settings.timeoutMs} ms.`, options);
  }
  if (error instanceof APIUserAbortError) return error;
  if (error instanceof APIError && typeof error.status === "number") {
    const { code, message, retryable } = fromStatus(error, error.status);
    const detail = short(withoutKey(error.message, settings.apiKey));
    return new AiError(code, `${message} (${detail})`, {
      ...options,
      ...(retryable === undefined ? {} : { retryable }),
      retryAfterSeconds: readRetryAfter(error.headers),
    });
  }
  if (error instanceof SyntaxError) {
    const message = "The provider's answer is not in its protocol: not valid JSON.";
    return new AiError("malformed_output", message, { ...options, retryable: true });
  }
  if (error instanceof APIError && error.error) {
    const message = short(withoutKey(error.message, settings.apiKey));
    return new AiError("unavailable", `The provider broke off: ${message}`, options);
  }
  // What is left comes from the connection: refused, reset, closed in mid-answer.
  return new AiError(
    "unavailable",
    `${settings.baseUrl} cannot be reached, or broke off.`,
    options,
  );
};
