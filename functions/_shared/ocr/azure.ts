// Azure AI Document Intelligence, model prebuilt-layout, over its REST API: the file is handed in, the answer names where
// the result will be, and that place is asked until it is there.

import { AiError } from "../ai/errors.ts";
import { Deadline, sleep, withRetries } from "../ai/retry.ts";
import { type AzureAnswer, azureAnswerSchema, type AzureResult } from "./azure-schema.ts";
import { pagesOf } from "./azure-pages.ts";
import { readDocumentSchema } from "./delivery.ts";
import { ask } from "./request.ts";
import type { CloudOcr, CloudRequest, CloudSettings } from "./types.ts";

const PROVIDER = "azure";
const MODEL = "prebuilt-layout";
const API_VERSION = "2024-11-30";

const malformed = (message: string) =>
  new AiError("malformed_output", message, { provider: PROVIDER });

function answerOf(json: unknown): AzureAnswer {
  const parsed = azureAnswerSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw malformed(`The answer is none of this API: ${issue?.path.map(String).join(".")}.`);
}

export const createAzureOcr = (settings: CloudSettings): CloudOcr => {
  const { url, key = "", timeoutMs, maxAttempts, pollMs = 1_000 } = settings;
  const headers = { "ocp-apim-subscription-key": key };
  const analyze =
    `${url}/documentintelligence/documentModels/${MODEL}:analyze?api-version=${API_VERSION}`;

  const handIn = async ({ bytes, mimeType, signal }: CloudRequest, deadline: Deadline) =>
    await withRetries(deadline, async (attempt) => {
      const init = { method: "POST", headers: { ...headers, "content-type": mimeType } };
      const answer = await ask(
        PROVIDER,
        analyze,
        { ...init, body: bytes, signal: attempt.signal },
        signal,
      );
      const place = answer.headers.get("operation-location") ?? "";
      // The key goes along with each question: to the same server only.
      if (!URL.canParse(place) || new URL(place).origin !== new URL(url).origin) {
        throw malformed("The answer does not say where on this server the result will be.");
      }
      return place;
    });

  const fetchResult = async (
    place: string,
    deadline: Deadline,
    signal: AbortSignal | undefined,
  ): Promise<AzureResult> => {
    for (;;) {
      const { json } = await withRetries(
        deadline,
        (attempt) => ask(PROVIDER, place, { headers, signal: attempt.signal }, signal),
      );
      const { status, analyzeResult, error } = answerOf(json);
      if (status === "succeeded") {
        if (analyzeResult) return analyzeResult;
        throw malformed("The answer says succeeded, and holds no result.");
      }
      if (status !== "running" && status !== "notStarted") {
        const why = error ? `${error.code}: ${error.message}` : status;
        throw new AiError("refused", `The service does not read this: ${why}`.slice(0, 300), {
          provider: PROVIDER,
        });
      }
      if (deadline.remainingMs <= pollMs) {
        throw new AiError("timeout", "No result within the time limit.", { provider: PROVIDER });
      }
      await sleep(pollMs, signal);
    }
  };

  return {
    provider: PROVIDER,
    model: MODEL,
    async read(request) {
      const started = performance.now();
      const { signal } = request;
      const policy = { timeoutMs, deadlineMs: 3 * timeoutMs, maxAttempts };
      const deadline = new Deadline(policy, signal);
      const place = await handIn(request, deadline);
      const handedIn = deadline.attempts;
      // Questions for the result are no attempts at reading: they have their own count, within the same time.
      const waiting = new Deadline({
        ...policy,
        deadlineMs: deadline.remainingMs,
        maxAttempts: 1000,
      }, signal);
      const result = await fetchResult(place, waiting, signal);
      const engine = `azure ${MODEL} ${result.apiVersion || API_VERSION}`;
      const document = readDocumentSchema.safeParse({ engine, pages: pagesOf(result) });
      if (!document.success) throw malformed("The result goes beyond what a document may be.");
      const price = settings.microUsdPerPage;
      return {
        document: document.data,
        attempts: handedIn,
        latencyMs: Math.round(performance.now() - started),
        costMicroUsd: price === null ? null : price * document.data.pages.length,
      };
    },
  };
};
