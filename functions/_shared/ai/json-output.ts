// Asks a model for JSON of a given shape, and makes sure that it is.

import { z } from "zod";
import { truncate } from "../text/normalise.ts";
import type { JsonOutput } from "./types.ts";

export type JsonSchema = Record<string, unknown>;

export const toJsonSchema = (output: JsonOutput<unknown>): JsonSchema => {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(output.schema) as JsonSchema;
  return schema;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Strict schemas must require every property and allow no other; then the vendor guarantees the shape. */
export const isStrictSchema = (schema: unknown): boolean => {
  if (Array.isArray(schema)) return schema.every(isStrictSchema);
  if (!isRecord(schema)) return true;
  if (isRecord(schema.properties)) {
    const required = Array.isArray(schema.required) ? schema.required : [];
    const names = Object.keys(schema.properties);
    if (schema.additionalProperties !== false || names.some((name) => !required.includes(name))) {
      return false;
    }
  }
  return Object.values(schema).every(isStrictSchema);
};

/** Models like to wrap JSON in a code fence or in a sentence. */
const unwrap = (text: string): string => {
  const fenced = /```(?:json)?\s*([\s\S]*?)```/.exec(text)?.[1] ?? text;
  const start = fenced.search(/[[{]/);
  const end = Math.max(fenced.lastIndexOf("}"), fenced.lastIndexOf("]"));
  return start >= 0 && end > start ? fenced.slice(start, end + 1) : fenced;
};

export type ParsedOutput<T> = { ok: true; json: T } | { ok: false; problem: string };

export const parseOutput = <T>(text: string, output: JsonOutput<T>): ParsedOutput<T> => {
  let value: unknown;
  try {
    value = JSON.parse(unwrap(text));
  } catch {
    return { ok: false, problem: "It is not valid JSON." };
  }
  const parsed = output.schema.safeParse(value);
  if (parsed.success) return { ok: true, json: parsed.data };
  const problems = parsed.error.issues.slice(0, 8)
    .map((issue) => `${issue.path.map(String).join(".") || "(root)"}: ${issue.message}`);
  return {
    ok: false,
    problem: truncate(`It does not fit the schema: ${problems.join("; ")}`, 800),
  };
};

export const repairMessage = (problem: string): string =>
  `That answer cannot be used. ${problem} Answer again, with nothing but the corrected JSON.`;
