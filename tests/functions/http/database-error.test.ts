import { describe, expect, it } from "vitest";
import {
  databaseFailure,
  failFrom,
  UnexpectedDatabaseError,
} from "../../../functions/_shared/http/index.ts";

describe("errors of the Data API", () => {
  it("PT4xx passes through with code, detail and hint", () => {
    expect(databaseFailure({
      code: "PT409",
      message: "booking_slot_taken",
      details: "Another booking holds part of this time.",
      hint: "Ask for the free slots again.",
    })).toEqual({
      ok: false,
      status: 409,
      code: "booking_slot_taken",
      message: "Another booking holds part of this time.",
      hint: "Ask for the free slots again.",
    });
  });

  it("a rate limit says when to come back", () => {
    const failure = databaseFailure({
      code: "PT429",
      message: "rate_limited",
      details: "Retry after 12 seconds.",
      hint: null,
    });
    expect(failure?.headers).toEqual({ "retry-after": "12" });
  });

  it("a PT4xx whose message is no code keeps the message and gets a general code", () => {
    expect(databaseFailure({ code: "PT400", message: "Something is off." })).toMatchObject({
      status: 400,
      code: "request_refused",
      message: "Something is off.",
    });
  });

  it.each([
    ["PGRST116", 404, "not_found"],
    ["PGRST301", 401, "invalid_token"],
    ["42501", 403, "not_allowed"],
    ["23505", 409, "already_exists"],
    ["23503", 409, "missing_reference"],
    ["23514", 422, "invalid_input"],
    ["22P02", 422, "invalid_input"],
    ["40001", 409, "try_again"],
  ])("%s is %i %s, without the database's own words", (code, status, name) => {
    const failure = databaseFailure({
      code,
      message: 'relation "core.secret" …',
      details: "secret",
    });
    expect(failure).toMatchObject({ status, code: name });
    expect(JSON.stringify(failure)).not.toContain("secret");
  });

  it.each(["PT500", "PT999x", "XX000", "42P01", "55000", undefined])(
    "%s is a bug, to be thrown and masked",
    (code) => {
      const error = { code, message: "boom" };
      expect(databaseFailure(error)).toBeNull();
      expect(() => failFrom(error)).toThrow(UnexpectedDatabaseError);
    },
  );
});
