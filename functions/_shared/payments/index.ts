// Which provider takes the payments. Without a setting it is the sandbox, and that only where the stack has made a secret
// for it: a server in production that nobody has set up takes no payments at all.

import {
  ConfigError,
  type Env,
  readChoice,
  readInteger,
  readRequired,
  readUrl,
  runtimeEnv,
} from "../config.ts";
import { PaymentError } from "./errors.ts";
import { createLocal, type LocalProvider } from "./local.ts";
import { LEAST_SECRET_LENGTH } from "./signature.ts";
import { STRIPE_API_URL } from "./stripe-client.ts";
import { createStripe } from "./stripe.ts";
import type { PaymentProvider } from "./types.ts";

export { PaymentError } from "./errors.ts";
export type { LocalProvider } from "./local.ts";
export type { PaymentProvider, ProviderName } from "./types.ts";

const PROVIDERS = ["local", "stripe"] as const;

const secretsOf = (env: Env): string[] => {
  const secrets = readRequired(env, "STRIPE_WEBHOOK_SECRET", "it says which events are Stripe's.")
    .split(",").map((secret) => secret.trim()).filter((secret) => secret !== "");
  if (secrets.length > 0 && secrets.every(({ length }) => length >= LEAST_SECRET_LENGTH)) {
    return secrets;
  }
  throw new ConfigError(
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_WEBHOOK_SECRET holds one or more secrets (whsec_…), separated by commas.",
  );
};

const localSecret = (env: Env): string => {
  const secret = readRequired(
    env,
    "PAYMENTS_LOCAL_SECRET",
    "set PAYMENTS_PROVIDER=stripe, or give the sandbox a secret.",
  );
  if (secret.length >= 32) return secret;
  throw new ConfigError(
    "PAYMENTS_LOCAL_SECRET",
    "PAYMENTS_LOCAL_SECRET has 32 characters or more.",
  );
};

const read = (env: Env): PaymentProvider | LocalProvider => {
  if (readChoice(env, "PAYMENTS_PROVIDER", PROVIDERS, "local") === "local") {
    const supabase = readRequired(env, "SUPABASE_URL", "the sandbox is reached below it.");
    return createLocal({
      secret: localSecret(env),
      functionsUrl: `${supabase.replace(/\/+$/, "")}/functions/v1`,
    });
  }
  readRequired(env, "PAYMENTS_RETURN_URL", "it is where people come back to from Stripe.");
  return createStripe({
    secretKey: readRequired(env, "STRIPE_SECRET_KEY", "it is the key to the account at Stripe."),
    webhookSecrets: secretsOf(env),
    returnUrl: readUrl(env, "PAYMENTS_RETURN_URL", ""),
    apiUrl: readUrl(env, "STRIPE_API_URL", STRIPE_API_URL),
    timeoutMs: readInteger(env, "PAYMENTS_TIMEOUT_MS", {
      fallback: 20_000,
      min: 10,
      max: 60_000,
    }),
  });
};

/** Throws `not_configured`, naming the variable, when a setting is missing or wrong. */
export const createPayments = (env: Env = runtimeEnv): PaymentProvider | LocalProvider => {
  try {
    return read(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new PaymentError("not_configured", error.message, { cause: error });
  }
};

export const isSandbox = (provider: PaymentProvider): provider is LocalProvider =>
  provider.name === "local";
