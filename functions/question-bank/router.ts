import {
  type Call,
  fail,
  type Failure,
  parseJson,
  type Result,
  validate,
} from "../_shared/http/index.ts";
import { exportQuestions, importQuestions } from "./handler.ts";
import { exportInput, exportQuery, importInput } from "./schema.ts";
import { createQuestionBank } from "./store.ts";

const wrongMethod = (allow: string): Failure =>
  fail(405, "method_not_allowed", { message: `Use ${allow}.`, headers: { allow } });

/** Parameters of the address, each once. */
const queryOf = (request: Request): Record<string, string> =>
  Object.fromEntries(new URL(request.url).searchParams);

function askedFor({ request, rawBody }: Call<undefined>) {
  if (request.method === "GET") return validate(exportQuery, queryOf(request));
  const parsed = parseJson(rawBody, request.headers.get("content-type"));
  return parsed.ok ? validate(exportInput, parsed.data) : parsed;
}

export async function serveQuestionBank(
  call: Call<undefined>,
): Promise<Result<unknown> | Response> {
  const bank = createQuestionBank(call.context.supabase);
  if (call.path === "/import") {
    if (call.request.method !== "POST") return wrongMethod("POST");
    const input = validate(importInput, queryOf(call.request));
    return input.ok ? await importQuestions(bank)(call.rawBody, input.data) : input;
  }
  if (call.path === "/export") {
    const input = askedFor(call);
    if (!input.ok) return input;
    const exported = await exportQuestions(bank)(input.data);
    return exported.ok ? exported.data : exported;
  }
  return fail(404, "not_found", { message: "There is nothing here." });
}
