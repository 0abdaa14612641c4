// Errors of the Data API as failures of ours. What our SQL raises on purpose (PT4xx) passes through
// with its code; a few of Postgres' and PostgREST's own have a fixed meaning; the rest is a bug.

import { fail, type Failure } from "./result.ts";

/** The error of supabase-js (PostgrestError), or anything of its shape. */
export interface DatabaseError {
  code?: string;
  message: string;
  details?: string | null;
  hint?: string | null;
}

const KNOWN: Record<string, [status: number, code: string, message: string]> = {
  PGRST116: [404, "not_found", "There is no such row, or you may not see it."],
  PGRST301: [401, "invalid_token", "The access token is not valid."],
  PGRST302: [401, "not_authenticated", "Sign in first."],
  PGRST303: [401, "invalid_token", "The access token is not valid any more."],
  "22P02": [422, "invalid_input", "A value has the wrong form."],
  "23502": [422, "invalid_input", "A required value is missing."],
  "23503": [409, "missing_reference", "Something that this refers to does not exist."],
  "23505": [409, "already_exists", "This exists already."],
  "23514": [422, "invalid_input", "A value is outside of what is allowed."],
  "40001": [409, "try_again", "Two changes met; try again."],
  "40P01": [409, "try_again", "Two changes met; try again."],
  "42501": [403, "not_allowed", "You may not do this."],
};

const STABLE_CODE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/;

/** Seconds out of the detail of `rate_limited`: "Retry after 12 seconds." */
const retryAfter = (detail: string): string | undefined => /retry after (\d+)/i.exec(detail)?.[1];

/** Null when the error is nothing that a caller could be told about: let it be thrown and masked. */
export const databaseFailure = (error: DatabaseError): Failure | null => {
  const raised = /^PT(4\d\d)$/.exec(error.code ?? "");
  if (raised) {
    const status = Number(raised[1]);
    const named = STABLE_CODE.test(error.message);
    const detail = error.details ?? "";
    const wait = status === 429 ? retryAfter(detail) : undefined;
    return fail(status, named ? error.message : "request_refused", {
      message: detail || (named ? undefined : error.message),
      hint: error.hint || undefined,
      headers: wait ? { "retry-after": wait } : undefined,
    });
  }
  const known = KNOWN[error.code ?? ""];
  return known ? fail(known[0], known[1], { message: known[2] }) : null;
};

/** An error of the database that nobody foresaw; the boundary logs and masks it. */
export class UnexpectedDatabaseError extends Error {
  readonly code: string | undefined;

  constructor(error: DatabaseError) {
    super(error.message, { cause: error });
    this.name = "UnexpectedDatabaseError";
    this.code = error.code;
  }
}

/** `const { data, error } = await …; if (error) return failFrom(error);` */
export const failFrom = (error: DatabaseError): Failure => {
  const failure = databaseFailure(error);
  if (!failure) throw new UnexpectedDatabaseError(error);
  return failure;
};
