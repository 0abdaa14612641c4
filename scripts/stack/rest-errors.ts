// Errors of the database, reported as PostgREST reports them.
//
// Lite answers 500 "SUP" to much that PostgREST answers 400 to (a failed check, `raise exception`).
// The error behind an answer is therefore noted while the request runs, and the answer rewritten.
// The same note silences lite, which prints every such error, the expected ones too.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Connection } from "@supabase/lite";

interface DatabaseError {
  code: string;
  message: string;
  detail?: string | null;
  hint?: string | null;
}

const requests = new AsyncLocalStorage<{ error?: DatabaseError }>();

export function watchDatabaseErrors(connection: Connection): void {
  const normalize = connection.normalizeDbError.bind(connection);
  connection.normalizeDbError = (thrown) => {
    const error = normalize(thrown);
    const { code } = (error ?? {}) as Partial<DatabaseError>;
    const request = requests.getStore();
    if (request && /^[0-9A-Z]{5}$/.test(code ?? "")) request.error = error as DatabaseError;
    return error;
  };
}

const print = console.error;
console.error = (...args: unknown[]) => {
  const request = requests.getStore();
  // A misspelt name never reaches the database: lite finds it out itself.
  const isMisspelt = args[0] instanceof Error && args[0].message.startsWith("Could not find ");
  const isExpected = request !== undefined && (request.error !== undefined || isMisspelt);
  if (!isExpected || process.env.LYCEUM_STACK_DEBUG) print(...args);
};

/** https://docs.postgrest.org/en/stable/references/errors.html */
function statusOf(code: string, isAnonymous: boolean): number {
  const custom = /^PT([2-5]\d\d)$/.exec(code);
  if (custom) return Number(custom[1]);
  const exact: Record<string, number> = {
    "23503": 409,
    "23505": 409,
    "25006": 405,
    "42501": isAnonymous ? 401 : 403,
    "42883": 404,
    "42P01": 404,
    "42P17": 500,
    "53400": 500,
    "57014": 500,
    P0001: 400,
  };
  const byClass: Record<string, number> = {
    "08": 503,
    "0L": 403,
    "0P": 403,
    "28": 403,
    "53": 503,
  };
  const failure = /^(09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|P0|XX|PT)/;
  return exact[code] ?? byClass[code.slice(0, 2)] ?? (failure.test(code) ? 500 : 400);
}

/** Lite's hint for a table that is not there can be that very table; PostgREST gives another or none. */
async function withoutEcho(response: Response): Promise<Response> {
  const text = await response.text();
  const table = /^Could not find (the table '[^']+')/;
  let body: { message?: string; hint?: string | null } | null = null;
  try {
    body = JSON.parse(text);
  } catch {
    // Not an error of the Data API.
  }
  const missing = table.exec(body?.message ?? "")?.[1];
  const echoes = missing !== undefined && body?.hint?.endsWith(missing) === true;
  const headers = new Headers(response.headers);
  headers.delete("Content-Length");
  return new Response(echoes ? JSON.stringify({ ...body, hint: null }) : text, {
    status: response.status,
    headers,
  });
}

/** Runs one request of the Data API and gives its answer the form that PostgREST gives it. */
export function withRestErrors(answer: () => Promise<Response>): Promise<Response> {
  const request: { error?: DatabaseError } = {};
  return requests.run(request, async () => {
    const response = await answer();
    const { error } = request;
    if (response.ok || response.body === null) return response;
    if (!error) return response.status === 404 ? await withoutEcho(response) : response;
    if (error.code === "PGRST") return response;
    const isAnonymous = response.status === 401;
    const headers = new Headers(response.headers);
    headers.set("Content-Type", "application/json; charset=utf-8");
    headers.delete("Content-Length");
    headers.set("Proxy-Status", `PostgREST; error=${error.code}`);
    const body = {
      code: error.code,
      details: error.detail ?? null,
      hint: error.hint ?? null,
      message: error.message,
    };
    return new Response(JSON.stringify(body), {
      status: statusOf(error.code, isAnonymous),
      headers,
    });
  });
}
