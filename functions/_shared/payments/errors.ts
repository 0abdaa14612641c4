// What can go wrong with a provider of payments, as few kinds as a caller can act upon.

export type PaymentErrorCode =
  /** The provider refuses this, and has not done it: no such payment, account closed, balance too low. */
  | "refused"
  /** The key is wrong, or may not do this. */
  | "bad_key"
  | "rate_limited"
  /** Not reachable, no answer in time, or a 5xx. Whether it was done is unknown: ask again with the same key. */
  | "unavailable"
  /** A setting is missing or wrong; nothing was sent. */
  | "not_configured";

const RETRYABLE: ReadonlySet<PaymentErrorCode> = new Set([
  "bad_key",
  "rate_limited",
  "unavailable",
  "not_configured",
]);

export class PaymentError extends Error {
  readonly code: PaymentErrorCode;
  /** The provider's own name for it, for the record. */
  readonly providerCode: string | null;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: PaymentErrorCode,
    message: string,
    options: { providerCode?: string; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "PaymentError";
    this.code = code;
    this.providerCode = options.providerCode ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** Whether the same request may succeed later, once somebody has seen to it. */
  get mayPass(): boolean {
    return RETRYABLE.has(this.code);
  }
}
