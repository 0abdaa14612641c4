// Reads a request body that may be too long, not JSON, or not what was asked for.

import type { z } from "zod";
import { fail, ok, type Result } from "./result.ts";

export const DEFAULT_MAX_BODY_BYTES = 64 * 1024;

const tooLarge = (max: number) =>
  fail(413, "payload_too_large", {
    message: `The body is longer than ${max} bytes.`,
    hint: "Send less, or upload the file to Storage and send its path.",
  });

/** The raw bytes, at most `max` of them; reading stops as soon as there are more. */
export const readBytes = async (
  request: Request,
  max: number = DEFAULT_MAX_BODY_BYTES,
): Promise<Result<Uint8Array<ArrayBuffer>>> => {
  const declared = Number(request.headers.get("content-length") ?? "0");
  if (declared > max) {
    await request.body?.cancel();
    return tooLarge(max);
  }
  if (!request.body) return ok(new Uint8Array());
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > max) {
      await reader.cancel();
      return tooLarge(max);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return ok(bytes);
};

const MAX_ISSUES = 20;

export interface FieldIssue {
  /** "options.0.label"; empty for the whole body. */
  path: string;
  message: string;
}

const fieldIssues = (error: z.ZodError): FieldIssue[] =>
  error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: issue.path.map(String).join("."),
    message: issue.message,
  }));

/** Checks a value against a schema; the failure names each field that is wrong. */
export const validate = <T>(schema: z.ZodType<T>, value: unknown): Result<T> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  return fail(422, "invalid_input", {
    message: "The input is not valid.",
    detail: { fields: fieldIssues(parsed.error) },
  });
};

/** Parses JSON out of bytes. An empty body is an empty object, so that schemas name what is missing. */
export const parseJson = (bytes: Uint8Array, contentType: string | null): Result<unknown> => {
  if (bytes.byteLength === 0) return ok({});
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "" && type !== "application/json" && !type.endsWith("+json")) {
    return fail(415, "unsupported_media_type", {
      message: `The body is "${type.slice(0, 100)}"; send application/json.`,
    });
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return ok(JSON.parse(text) as unknown);
  } catch {
    return fail(400, "invalid_input", {
      message: "The body is not valid JSON in UTF-8.",
      detail: { fields: [{ path: "", message: "not valid JSON" }] },
    });
  }
};
