// What can go wrong with a provider, as few kinds as a caller can act upon.

export const AI_ERROR_CODES = [
  /** The provider refused the key. */
  "bad_key",
  /** Too many requests, or the account's quota is used up. */
  "rate_limited",
  /** No answer within the time limit. */
  "timeout",
  /** Not reachable, a 5xx, or a stream that broke. */
  "unavailable",
  /** The model or its content filter declined. */
  "refused",
  /** An answer that is not what was asked for, also after one repair. */
  "malformed_output",
  /** The input or the output does not fit the model's limits. */
  "too_long",
  /** A setting is missing or wrong; nothing was sent, or the provider does not know what was asked. */
  "not_configured",
] as const;

export type AiErrorCode = (typeof AI_ERROR_CODES)[number];

export interface AiErrorOptions {
  retryable?: boolean;
  retryAfterSeconds?: number;
  provider?: string;
  model?: string;
  /** Requests that were sent before giving up. */
  attempts?: number;
  /** Text that had arrived before a stream broke. */
  partialText?: string;
  cause?: unknown;
}

const RETRYABLE: ReadonlySet<AiErrorCode> = new Set(["rate_limited", "timeout", "unavailable"]);

export class AiError extends Error {
  readonly code: AiErrorCode;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly partialText: string | undefined;
  attempts: number;

  constructor(code: AiErrorCode, message: string, options: AiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AiError";
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.provider = options.provider;
    this.model = options.model;
    this.partialText = options.partialText;
    this.attempts = options.attempts ?? 0;
  }
}

export const isAiError = (error: unknown): error is AiError => error instanceof AiError;

/** Whether a job with this failure should be tried again; an operator may mend a setting meanwhile. */
export const mayRetry = (error: AiError): boolean =>
  error.retryable || error.code === "not_configured";

/** The caller gave up: not a failure of the provider. */
export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === "AbortError" || error.name === "APIUserAbortError");

/** What people are told; what is wrong with a key or a setting is the operator's business. */
export const publicErrorCode = (error: unknown, otherwise: string): string => {
  if (!isAiError(error)) return otherwise;
  return error.code === "refused" || error.code === "too_long" ? error.code : "ai_unavailable";
};
