// `withSupabase` answers failed authentication by itself, in a shape of its own and with hints meant for
// the builder of the endpoint. Here its answer becomes ours.

import { ErrorCodeHeader } from "@supabase/server";
import { fail, type Failure } from "./result.ts";

const UNAUTHENTICATED: Record<string, [code: string, message: string]> = {
  MISSING_CREDENTIALS: ["not_authenticated", "Sign in first."],
  UNUSABLE_CREDENTIAL: ["not_authenticated", "These credentials are of the wrong kind."],
  INVALID_JWT: ["invalid_token", "The access token is not valid, or no longer."],
  INVALID_API_KEY: ["invalid_api_key", "The API key is not valid here."],
};

export interface AuthFailure {
  failure: Failure;
  /** What the library said, for the log only. */
  reason: string;
}

/** Null when the response is not an authentication failure. */
export const readAuthFailure = (response: Response): AuthFailure | null => {
  const reason = response.headers.get(ErrorCodeHeader);
  if (reason === null) return null;
  if (response.status !== 401) {
    return { failure: fail(500, "internal_error", { message: "Something went wrong." }), reason };
  }
  const [code, message] = UNAUTHENTICATED[reason] ?? ["not_authenticated", "Sign in first."];
  return { failure: fail(401, code, { message }), reason };
};
