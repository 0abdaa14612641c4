// One request to an OCR service, and what its answer means. What may succeed on repetition is repeated, by the rules that
// hold for every provider (_shared/ai/retry.ts).

import { AiError, type AiErrorCode } from "../ai/errors.ts";
import { readRetryAfter } from "../ai/retry.ts";
import { readBytes } from "../http/index.ts";

/** The result of twenty pages with every word of them is a few MB. */
const MAX_ANSWER_BYTES = 40 * 1024 * 1024;

const codeOf = (status: number): AiErrorCode => {
  if (status === 401 || status === 403) return "bad_key";
  if (status === 408) return "timeout";
  if (status === 413) return "too_long";
  if (status === 429) return "rate_limited";
  if (status === 404 || status === 405) return "not_configured";
  return status >= 500 ? "unavailable" : "refused";
};

export interface Answer {
  status: number;
  headers: Headers;
  json: unknown;
}

export async function ask(
  provider: string,
  url: string,
  init: RequestInit & { signal: AbortSignal },
  caller: AbortSignal | undefined,
): Promise<Answer> {
  let response: Response;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    // A service that sends us elsewhere would send the file, and the key, there too.
    response = await fetch(url, { ...init, redirect: "error" });
    const body = await readBytes(
      new Request(url, { method: "POST", body: response.body, duplex: "half" } as RequestInit),
      MAX_ANSWER_BYTES,
    );
    if (!body.ok) throw new AiError("malformed_output", "The answer is too long.", { provider });
    bytes = body.data;
  } catch (error) {
    if (error instanceof AiError) throw error;
    caller?.throwIfAborted();
    const isLate = init.signal.aborted;
    throw new AiError(
      isLate ? "timeout" : "unavailable",
      isLate ? "No answer within the time limit." : "The service cannot be reached.",
      { provider, cause: error },
    );
  }
  if (!response.ok) {
    throw new AiError(codeOf(response.status), `The service answers ${response.status}.`, {
      provider,
      retryAfterSeconds: readRetryAfter(response.headers),
    });
  }
  const text = new TextDecoder().decode(bytes);
  try {
    const json: unknown = text === "" ? null : JSON.parse(text);
    return { status: response.status, headers: response.headers, json };
  } catch {
    throw new AiError("malformed_output", "The answer is not JSON.", { provider });
  }
}
